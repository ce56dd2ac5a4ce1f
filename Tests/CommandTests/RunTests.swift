// `paylink run`: the checkout flow from every place that a script can come from, and what a script is given.

import Foundation
import TestSupport
import Testing

@Suite struct RunTests {
    /// The product page's flow, without the parts that need the ledger.
    static let flow = """
        #!/usr/bin/env -S paylink run
        local order = ...
        local link = assert(paylink.create{
          amount      = "12.50",
          description = "Order " .. order,
          expires_in  = "15m",
          media_url   = "https://example.com/widget.png",
          reusable    = false,
          payer       = "123e4567-e89b-12d3-a456-426614174000",
          close_on_complete = true,
        })
        print("Pay here: " .. link.url)

        local paid, err = link:wait{ timeout = "15m" }
        if not paid then
          log.warn("not paid", { order = order, reason = err.code })
          return
        end
        print(order, paid.status, paid.amount, paid.payment.amount == paylink.usd("12.50"))
        """

    enum Origin: String, CaseIterable {
        case file, standardInput, commandLine
    }

    @Test(arguments: Origin.allCases)
    func runsTheCheckoutFlowFrom(_ origin: Origin) async throws {
        let folder = try TemporaryFolder()
        let options = ["run", "--sandbox", "--pay-after", "200ms"]
        let outcome =
            switch origin {
            case .file:
                try await PaylinkProcess.run(options + [try folder.write("checkout.lua", Self.flow), "order-1001"])
            case .standardInput: try await PaylinkProcess.run(options + ["-", "order-1001"], input: Self.flow)
            case .commandLine:
                try await PaylinkProcess.run(
                    options + ["-e", Self.flow.replacing("#!/usr/bin/env -S paylink run", with: ""), "order-1001"])
            }
        expectCheckout(outcome)
    }

    @Test func runsAsAnExecutableScriptWithArguments() async throws {
        let sandbox = try await SandboxProcess.start(["--pay-after", "200ms"])
        let folder = try TemporaryFolder()
        try folder.write("checkout.lua", Self.flow, mode: 0o755)
        let variables = sandbox.variables.merging(["PAYLINK_LEDGER": folder.path + "/ledger.db"]) { $1 }
        expectCheckout(try await executed("./checkout.lua", ["order-1001"], folder, variables))
        let links = try await sandbox.links()
        #expect(links.map { $0["description"]?.string } == ["Order order-1001"])
        #expect(links.first?["amount"]?.integer == 12_500_000)
        #expect(links.first?["requestedPayerUserId"]?.string == "123e4567-e89b-12d3-a456-426614174000")
        #expect(links.first?["mediaUrl"]?.string == "https://example.com/widget.png")
    }

    private func expectCheckout(_ outcome: Outcome) {
        let expected =
            #"Pay here: http://127\.0\.0\.1:\d+/en/link/\#(Pattern.id)\?closeOnComplete=true\norder-1001\tpaid\t12\.50\ttrue\n"#
        #expect(outcome.output.isWhole(expected), "\(outcome)")
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
    }

    private func executed(
        _ script: String, _ arguments: [String], _ folder: TemporaryFolder, _ variables: [String: String] = [:]
    ) async throws -> Outcome {
        let tools = URL(fileURLWithPath: try PaylinkProcess.located.get()).deletingLastPathComponent().path
        let environment = variables.merging(["PATH": "\(tools):/usr/bin:/bin"]) { $1 }
        return try await ChildProcess(script, arguments, environment: environment, directory: folder.path).finish()
    }

    @Test(arguments: [
        // name, first lines, the line that fails
        ("shebang alone", "#!/usr/bin/env -S paylink run\nerror('here')\n", 2),
        ("shebang and more", "#!/usr/bin/env -S paylink run\n\nlocal x = 1\nerror('here')\n", 4),
        ("shebang with options", "#!/usr/bin/env -S paylink run --sandbox --timeout 20s\nerror('here')\n", 2),
        ("Windows line ends", "#!/usr/bin/env -S paylink run\r\nlocal x\r\nerror('here')\r\n", 3),
        ("no shebang", "error('here')\n", 1),
        ("byte-order mark", "\u{FEFF}local x\nerror('here')\n", 2),
        ("byte-order mark and shebang", "\u{FEFF}#!/usr/bin/env -S paylink run\nerror('here')\n", 2),
    ])
    func keepsLineNumbersAfterTheFirstLine(_ name: String, _ text: String, _ line: Int) async throws {
        let folder = try TemporaryFolder()
        try folder.write("s.lua", text)
        let outcome = try await PaylinkProcess.run(["run", "s.lua"], directory: folder.path)
        #expect(
            outcome.errors.hasPrefix("paylink: s.lua:\(line): here\n  \(line) | error('here')\n"), "\(outcome.errors)")
        #expect(outcome.status == 1)
    }

    @Test func keepsLineNumbersWhenExecuted() async throws {
        let folder = try TemporaryFolder()
        try folder.write("s.lua", "#!/usr/bin/env -S paylink run\nprint(arg[0])\nerror('here')\n", mode: 0o755)
        let outcome = try await executed("./s.lua", [], folder)
        #expect(outcome.output == "./s.lua\n")
        #expect(outcome.errors.hasPrefix("paylink: ./s.lua:3: here\n  3 | error('here')\n"), "\(outcome.errors)")
        #expect(outcome.status == 1)
    }

    @Test(arguments: [
        (["-e", "print(#arg, ...)"], "", "3\ta\t--json\t-x\n"),
        (["-"], "print(arg[0], #arg, ...)", "stdin\t3\ta\t--json\t-x\n"),
    ])
    func handsArgumentsToTheScriptUntouched(_ script: [String], _ input: String, _ output: String) async throws {
        let outcome = try await PaylinkProcess.run(["run"] + script + ["a", "--json", "-x"], input: input)
        #expect(outcome.output == output)
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
    }

    @Test func findsModulesBesideTheScriptFromAnyFolder() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write("s.lua", "print(require('shop').name)")
        try folder.write("shop.lua", "return { name = 'Blue Mug Shop' }")
        let outcome = try await PaylinkProcess.run(["run", script])
        #expect(outcome.output == "Blue Mug Shop\n", "\(outcome.errors)")
    }

    @Test func printsItsOwnHelp() async throws {
        for flag in ["--help", "-h"] {
            let outcome = try await PaylinkProcess.run(["run", flag])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("USAGE: paylink run"), "\(outcome.errors)")
        }
    }

    @Test func printsEachLineWhileTheScriptWaits() async throws {
        let sandbox = try await SandboxProcess.start()
        let process = try sandbox.start(["run", "-e", #"print("first") io.write("second\n") sleep("1h")"#])
        _ = try await process.line { $0 == "first" }
        _ = try await process.line { $0 == "second" }
        process.send(15)
        #expect(try await process.finish().status == 143)
    }

    @Test func printsPartOfALineWhenFlushed() async throws {
        let outcome = try await PaylinkProcess.run([
            "run", "-e", #"io.write("part ") io.flush() io.stdout:write("whole\n") io.stdout:flush()"#,
        ])
        #expect(outcome.output == "part whole\n", "\(outcome.errors)")
        #expect(outcome.status == 0)
    }

    @Test func needsNoCredentialsForAScriptThatMakesNoCall() async throws {
        let outcome = try await PaylinkProcess.run(["run", "-e", #"print(paylink.usd("0.10") * 3)"#])
        #expect(outcome.output == "0.30\n")
        #expect(outcome.errors == "")
        #expect(outcome.status == 0)
    }
}
