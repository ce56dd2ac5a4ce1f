// Whoever's text it is: marks that reorder a line never reach a terminal, wherever paylink shows it.

import TestSupport
import Testing

@Suite struct ForeignTextTests {
    /// RIGHT-TO-LEFT OVERRIDE, and how it is shown.
    static let mark = "\u{202E}"
    static let shown = "\\u{202e}"

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var arguments: [String]
        /// Files of the working directory.
        var files: [String: String] = [:]
        var environment: [String: String] = [:]
    }

    static let cases = [
        Case(testDescription: "a log's message", arguments: ["run", "-e", #"log.info("a\u{202E}b")"#]),
        Case(testDescription: "a log's field", arguments: ["run", "-e", #"log.info("a", { b = "c\u{202E}d" })"#]),
        Case(testDescription: "an error", arguments: ["run", "-e", #"error("a\u{202E}b")"#]),
        Case(testDescription: "the line that failed", arguments: ["run", "-e", "local s = \"\(mark)\" error('no')"]),
        Case(testDescription: "a script that is not there", arguments: ["run", "a\(mark)b.lua"]),
        Case(testDescription: "an option's value", arguments: ["run", "--log-level", "a\(mark)b", "-e", ""]),
        Case(testDescription: "an unknown option", arguments: ["create", "--a\(mark)b"]),
        Case(testDescription: "an unknown command", arguments: ["a\(mark)b"]),
        Case(testDescription: "an id", arguments: ["get", "a\(mark)b"]),
        Case(testDescription: "a key", arguments: ["ledger", "show", "a\(mark)b"]),
        Case(
            testDescription: "a setting", arguments: ["run", "-e", ""],
            files: ["paylink.toml": "ledger = \"x\"\nbase_url = \"a\(mark)b\"\n"]),
        Case(
            testDescription: "an address of the environment", arguments: ["doctor"],
            environment: ["PAYLINK_BASE_URL": "a\(mark)b"]),
        Case(
            testDescription: "a row of a table", arguments: ["batch", "orders.csv", "--dry-run"],
            files: ["orders.csv": "key,amount,description\nk1,1\(mark)2,Mug\n"]),
        Case(
            testDescription: "a job's output",
            arguments: ["run", "--job", "daily", "-e", #"print("a\u{202E}b") os.exit(3)"#]),
    ]

    @Test(arguments: cases)
    func marksThatReorderALineAreShownByNumber(_ given: Case) async throws {
        let folder = try TemporaryFolder()
        for (name, text) in given.files { try folder.write(name, text) }
        var environment = ExitStatusTests.account
        environment["PAYLINK_LEDGER"] = folder.path + "/ledger.db"
        // A ledger that commands which only read can open.
        if given.arguments[0] == "ledger" {
            _ = try await PaylinkProcess.run(
                [
                    "run", "--sandbox", "--ledger", folder.path + "/ledger.db", "-e",
                    #"paylink.create{ amount = 1, description = "x", key = "k" }"#,
                ], directory: folder.path)
        }
        let outcome = try await PaylinkProcess.run(
            given.arguments, environment: environment.merging(given.environment) { $1 }, directory: folder.path)
        let all = outcome.output + outcome.errors
        #expect(!all.unicodeScalars.contains("\u{202E}"), "\(outcome)")
        #expect(all.contains(Self.shown), "\(outcome)")
    }

    @Test func whatALedgerShowsOfALinkIsEscaped() async throws {
        let folder = try TemporaryFolder()
        let ledger = folder.path + "/ledger.db"
        let made = try await PaylinkProcess.run(
            [
                "run", "--sandbox", "--ledger", ledger, "-e",
                #"assert(paylink.create{ amount = 1, description = "a\u{202E}b", key = "k" })"#,
            ])
        #expect(made.status == 0, "\(made)")
        let outcome = try await PaylinkProcess.run(["ledger", "show", "k", "--ledger", ledger])
        #expect(
            outcome.output.contains(Self.shown) && !outcome.output.unicodeScalars.contains("\u{202E}"), "\(outcome)")
        let job = try await PaylinkProcess.run(
            ["run", "--job", "daily", "--ledger", ledger, "-e", #"print("a\u{202E}b")"#])
        #expect(job.status == 0, "\(job)")
        let shown = try await PaylinkProcess.run(["runs", "show", "1", "--ledger", ledger])
        #expect(shown.output.contains(Self.shown) && !shown.output.unicodeScalars.contains("\u{202E}"), "\(shown)")
    }
}
