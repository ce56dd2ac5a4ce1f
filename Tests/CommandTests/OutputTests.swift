// Which stream gets what: data on standard output, all else on standard error; colour only where it belongs.

import TestSupport
import Testing

@Suite struct OutputTests {
    static let talkative = """
        print("data")
        log.info("a note", { order = "1001", words = "two words" })
        log.error("trouble")
        io.stderr:write("aside\\n")
        error("the end")
        """

    @Test func splitsDataFromEverythingElse() async throws {
        let outcome = try await PaylinkProcess.run(["run", "-e", Self.talkative])
        #expect(outcome.output == "data\n")
        let time = #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"#
        let expected = """
            \(time) info a note order=1001 words="two words"
            \(time) error trouble
            aside
            paylink: command line:5: the end
              5 \\| error\\("the end"\\)
            stack:
              .*
            """
        #expect(outcome.errors.has("^" + expected), "\(outcome.errors)")
    }

    /// A file at its size limit, as on a full disk: what was held back cannot be written.
    @Test func aFileLeftOpenThatCannotBeWrittenFailsTheScript() async throws {
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "s.lua", #"local f = assert(io.open("out.txt", "w")) assert(f:write(("x"):rep(3000))) print("written")"#)
        let outcome = try await ChildProcess(
            "/bin/sh", ["-c", "ulimit -f 1; exec \"$0\" run \"$1\"", PaylinkProcess.located.get(), script],
            directory: folder.path
        ).finish()
        #expect(outcome.status == 74, "\(outcome)")
        #expect(outcome.output == "written\n")
        #expect(
            outcome.errors.contains("a file that the script left open could not be written: File too large"),
            "\(outcome)")
    }

    @Test func showsOnlyTheScriptsOwnLinesInAStack() async throws {
        let outcome = try await PaylinkProcess.run(["run", "-e", #"paylink.create{ amout = "1" }"#])
        #expect(outcome.errors.contains("  command line:1: in main chunk"))
        #expect(!outcome.errors.contains("misuse"), "\(outcome.errors)")
    }

    @Test(arguments: [
        ("debug", ["debug", "info", "warn", "error"]), ("info", ["info", "warn", "error"]),
        ("warn", ["warn", "error"]), ("error", ["error"]),
    ])
    func showsMessagesFromTheChosenLevelOn(_ level: String, _ shown: [String]) async throws {
        let code = #"for _, l in ipairs{ "debug", "info", "warn", "error" } do log[l]("m") end"#
        for outcome in [
            try await PaylinkProcess.run(["run", "--log-level", level, "-e", code]),
            try await PaylinkProcess.run(["run", "-e", code], environment: ["PAYLINK_LOG": level]),
        ] {
            #expect(outcome.errors.split(separator: "\n").map { $0.split(separator: " ")[1] } == shown.map { $0[...] })
        }
    }

    @Test(arguments: [
        ("a terminal", [:], ChildProcess.Stream.terminal, true),
        ("NO_COLOR", ["NO_COLOR": "1"], .terminal, false),
        ("an empty NO_COLOR", ["NO_COLOR": ""], .terminal, true),
        ("a dumb terminal", ["TERM": "dumb"], .terminal, false),
        ("a pipe", [:], .pipe, false),
    ])
    func coloursTheLogOnlyOnATerminal(
        _ name: String, _ variables: [String: String], _ errors: ChildProcess.Stream, _ isColoured: Bool
    ) async throws {
        let outcome = try await PaylinkProcess.run(
            ["run", "-e", Self.talkative], environment: ["TERM": "xterm"].merging(variables) { $1 }, errors: errors)
        #expect(outcome.errors.contains("\u{1B}[") == isColoured, "\(outcome.errors)")
        #expect(outcome.errors.contains("a note"))
        #expect(outcome.output == "data\n")
    }

    @Test func keepsControlCharactersOfOthersOffTheTerminal() async throws {
        let outcome = try await PaylinkProcess.run([
            "run", "-e", #"log.info("a\27[31mb\rc", { k = "\27]0;x\7" }) error("d\27[2Je")"#,
        ])
        #expect(!outcome.errors.contains("\u{1B}"), "\(outcome.errors.debugDescription)")
        #expect(outcome.status == 1)
    }

    @Test(arguments: [
        ["run", "-e", "print(1)"], ["run", "-e", #"io.write(("x"):rep(1000000))"#], ["--version"], ["reference"],
    ])
    func failsWhenStandardOutputIsFull(_ arguments: [String]) async throws {
        let outcome = try await PaylinkProcess.run(arguments, output: .file("/dev/full"))
        #expect(outcome.status == 74, "\(outcome)")
        #expect(outcome.errors.contains("standard output"))
    }

    @Test func failsWhenStandardOutputIsClosed() async throws {
        let outcome = try await PaylinkProcess.run(["run", "-e", "print(1)"], output: .closed)
        #expect(outcome.status == 74, "\(outcome)")
        #expect(outcome.errors.contains("standard output"))
    }

    @Test(arguments: [[], ["--json"]])
    func namesTheLinkThatItCouldNotPrint(_ more: [String]) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.start(
            ["create", "--amount", "1", "--description", "Mug"] + more, output: .file("/dev/full")
        ).finish()
        #expect(outcome.status == 74)
        let id = try #require(try await sandbox.links().first?["id"]?.string)
        #expect(outcome.errors.contains(id), "the link exists and nobody learns its id: \(outcome.errors)")
    }

    @Test func writesManyLinesInOrderAndWhole() async throws {
        let outcome = try await PaylinkProcess.run(["run", "-e", #"for i = 1, 50000 do print(i) end os.exit(9)"#])
        #expect(outcome.lines == (1...50000).map(String.init))
        #expect(outcome.status == 9)
    }
}
