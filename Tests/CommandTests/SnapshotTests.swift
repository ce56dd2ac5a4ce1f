// Every --help and the main outputs as users see them, at 80 columns, against kept snapshots.

import Foundation
import TestSupport
import Testing

@Suite struct SnapshotTests {
    private struct Command: Decodable {
        var commandName: String
        var subcommands: [Command]?
    }

    private struct Tool: Decodable {
        var command: Command
    }

    private static let width = ["COLUMNS": "80"]

    /// The words of every command, hidden ones included: "", "run", "ledger list" and so on.
    private static func commands() async throws -> [[String]] {
        let outcome = try await PaylinkProcess.run(["--experimental-dump-help"])
        let tool = try JSONDecoder().decode(Tool.self, from: Data(outcome.output.utf8))
        func words(_ command: Command, _ before: [String]) -> [[String]] {
            [before]
                + (command.subcommands ?? []).filter { $0.commandName != "help" }
                .flatMap { words($0, before + [$0.commandName]) }
        }
        return words(tool.command, [])
    }

    @Test func everyHelpIsAsItWas() async throws {
        let commands = try await Self.commands()
        try #require(commands.count > 15)
        for words in commands {
            let outcome = try await PaylinkProcess.run(words + ["--help"], environment: Self.width)
            #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(words)")
            for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(words): \(line)") }
            try Snapshot.check(outcome.output, (["help"] + words).joined(separator: "-"))
        }
        let known = Set(commands.map { (["help"] + $0).joined(separator: "-") })
        let left = Snapshot.names.filter { $0.hasPrefix("help") && !known.contains($0) }
        #expect(left.isEmpty, "snapshots of commands that are gone: \(left)")
    }

    @Test(arguments: [
        ("usage-unknown-command", ["rum"]), ("usage-unknown-option", ["run", "--sandbx", "x.lua"]),
        ("usage-no-script", ["run"]), ("usage-no-file", ["run", "/none/orders.lua"]),
    ])
    func usageErrorsAreAsTheyWere(_ name: String, _ words: [String]) async throws {
        let outcome = try await PaylinkProcess.run(words, environment: Self.width)
        try Snapshot.check("\(outcome.output)\(outcome.errors)exit status \(outcome.status ?? -1)\n", name)
    }

    @Test func aScriptsFailureIsAsItWas() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "order.lua", "local function make()\n  paylink.create{ amount = 12.5, descripton = 'Tea' }\nend\nmake()\n")
        let outcome = try await PaylinkProcess.run(
            ["run", "--sandbox", "order.lua"], environment: Self.width, directory: folder.path)
        try Snapshot.check(
            "\(Snapshot.steady(outcome.errors, folder: folder.path))exit status \(outcome.status ?? -1)\n",
            "script-failure")
    }

    @Test func aBatchReportsAsItDid() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(3)
        for (name, words) in [
            ("batch-dry-run", ["orders.csv", "--dry-run"]), ("batch", ["orders.csv"]), ("batch-again", ["orders.csv"]),
        ] {
            let outcome = try await fixture.batch(words, Self.width)
            let text = Snapshot.steady(outcome.output + outcome.errors, folder: fixture.folder.path)
            try Snapshot.check("\(text)exit status \(outcome.status ?? -1)\n", name)
        }
        try fixture.append("orders.csv", "order-4,1.2.3,Mug\norder-1,2,Mug\n")
        let bad = try await fixture.batch(["orders.csv"], Self.width)
        try Snapshot.check(
            "\(Snapshot.steady(bad.output + bad.errors, folder: fixture.folder.path))exit status \(bad.status ?? -1)\n",
            "batch-bad-rows")
        let list = try await fixture.sandbox.run(["ledger", "list"], fixture.environment.merging(Self.width) { $1 })
        try Snapshot.check(Snapshot.steady(list.output + list.errors), "ledger-list")
    }
}
