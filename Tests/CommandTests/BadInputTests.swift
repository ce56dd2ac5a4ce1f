// Malformed content: each message names what is wrong, where, and what to write instead; nothing is sent.

import TestSupport
import Testing

@Suite struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// What stands in the script or on the command line.
        var given: String
        var field: String
        var says: [String]

        var testDescription: String { "\(field): \(given)" }

        init(_ given: String, _ field: String, _ says: String...) {
            (self.given, self.field, self.says) = (given, field, says)
        }
    }

    static let uuidAdvice = "UUID"
    static let durationAdvice = #""15m""#

    // MARK: Content, as a value in a script

    static let terms = [
        Case("amount = '0'", "amount", "0.00", "more than 0"),
        Case("amount = 0", "amount", "0.00", "more than 0"),
        Case("amount = '-1'", "amount", "-1.00", "more than 0"),
        Case("amount = -5", "amount", "-5.00", "more than 0"),
        Case("amount = '1e3'", "amount", "\"1e3\"", "exponent", "1000"),
        Case("amount = '12.5000001'", "amount", "\"12.5000001\"", "6 decimals"),
        Case("amount = 12.5000001", "amount", "12.5000001", "6 decimals"),
        Case("amount = '12,50'", "amount", "\"12,50\"", "comma", "dot"),
        Case("amount = 'abc'", "amount", "\"abc\"", "not an amount", "12.50"),
        Case("amount = ''", "amount", "empty", "12.50"),
        Case("amount = ' 1'", "amount", "\" 1\"", "space"),
        Case("amount = '$5'", "amount", "\"$5\"", "currency sign"),
        Case("amount = 0/0", "amount", "not-a-number", "a computation before it"),
        Case("amount = 1/0", "amount", "infinite", "a computation before it"),
        Case("amount = 1/3", "amount", "0.333", "12.50"),
        Case("amount = 1e300", "amount", "1e+300"),
        Case("amount = '1000000000001'", "amount", "1000000000001", "limit"),
        Case("amount = '99999999999999999999999'", "amount", "too large"),
        Case("amount = math.maxinteger", "amount", "9223372036854775807", "too large"),
        Case("amount = 1, payer = 'bob'", "payer", "\"bob\"", uuidAdvice),
        Case("amount = 1, payer = '123e4567-e89b-12d3-a456-42661417400'", "payer", uuidAdvice),
        Case("amount = 1, media_url = 'picture.png'", "media_url", "\"picture.png\"", "https://"),
        Case("amount = 1, media_url = 'javascript:alert(1)'", "media_url", "https://"),
        Case("amount = 1, media_url = 'https://'", "media_url", "\"https://\""),
        Case("amount = 1, expires_in = 'soon'", "expires_in", "soon", durationAdvice),
        Case("amount = 1, expires_in = '15 m'", "expires_in", "15 m", durationAdvice),
        Case("amount = 1, expires_in = -1", "expires_in", "-1", durationAdvice),
        Case("amount = 1, expires_in = 0", "expires_in", durationAdvice),
        Case("amount = 1, expires_in = 0/0", "expires_in", "nan", durationAdvice),
        Case("amount = 1, expires_at = -5", "expires_at", "-5", "Unix seconds"),
        Case("amount = 1, expires_at = 1800000000000", "expires_at", "1800000000000", "not milliseconds"),
        Case("amount = 1, locale = 'fr'", "locale", "\"fr\"", "en, es or tr"),
        Case(#"amount = 1, description = '\255\254'"#, "description", "UTF-8"),
        Case("amount = 1, description = ' '", "description", "empty"),
        Case(#"amount = 1, description = 'a\0b'"#, "description", "control character"),
        Case("amount = 1, key = '1001 '", "key", "U+0020 (space)", "its character 5"),
        Case("amount = 1, key = '10\\u{200B}01'", "key", "U+200B (zero width space)", "its character 3"),
        Case("amount = 1, key = '1.00123E+11'", "key", "\"1.00123E+11\"", "a spreadsheet has shortened"),
    ]

    @Test(arguments: terms)
    func isAValueInAScript(_ case: Case) async throws {
        let sandbox = try await SandboxProcess.start()
        let code = """
            local terms = { description = "Mug" }
            for name, value in pairs{ \(`case`.given) } do terms[name] = value end
            local link, err = paylink.create(terms)
            print(link, err and err.code, err and err.field, err and err.retryable)
            io.write(err and err.message or "")
            """
        let outcome = try await sandbox.run(["run", "-e", code])
        #expect(outcome.output.hasPrefix("nil\tinvalid_request\t\(`case`.field)\tfalse\n"), "\(outcome)")
        for part in `case`.says { #expect(outcome.output.contains(part)) }
        #expect(outcome.status == 0)
        #expect(try await sandbox.requests() == [])
    }

    @Test(arguments: [
        Case("paylink.get('nope')", "id", "\"nope\"", uuidAdvice), Case("paylink.get('../v0/links')", "id", uuidAdvice),
        Case("paylink.wait('')", "id", uuidAdvice),
        Case("paylink.wait('\(LinkCommandTests.unknown)', { timeout = 'soon' })", "timeout", "soon", durationAdvice),
        Case("paylink.wait('\(LinkCommandTests.unknown)', { timeout = -1 })", "timeout", "-1", durationAdvice),
    ])
    func isAValueOfOtherCalls(_ case: Case) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run([
            "run", "-e", "local l, err = \(`case`.given) print(l, err.code, err.field) print(err.message)",
        ])
        #expect(outcome.output.hasPrefix("nil\tinvalid_request\t\(`case`.field)\n"), "\(outcome)")
        for part in `case`.says { #expect(outcome.output.contains(part)) }
        #expect(try await sandbox.requests() == [])
    }

    @Test func neverEndsABatch() async throws {
        let sandbox = try await SandboxProcess.start()
        let code = """
            local made = 0
            for _, amount in ipairs{ "1", "abc", "2", "-1", "12,50", "3" } do
              local link, err = paylink.create{ amount = amount, description = "Row" }
              if link then made = made + 1 else log.warn("row refused", { amount = amount, reason = err.message }) end
            end
            print(made)
            """
        let outcome = try await sandbox.run(["run", "-e", code])
        #expect(outcome.output == "3\n")
        #expect(outcome.errors.split(separator: "\n").count == 3)
        #expect(outcome.status == 0)
        #expect(try await sandbox.links().count == 3)
    }

    // MARK: On the command line

    struct Command: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32
        var says: [String]

        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: [String], _ status: Int32, _ says: String...) {
            (self.arguments, self.status, self.says) = (arguments, status, says)
        }
    }

    private static func create(_ amount: String, _ more: String...) -> [String] {
        ["create", "--description", "Mug", "--amount", amount] + more
    }

    static let commands = [
        Command(create("0"), 65, "amount", "0.00", "more than 0"),
        Command(create("-1"), 65, "amount", "-1", "more than 0"),
        Command(["create", "--description", "Mug", "--amount=-1"], 65, "amount", "-1.00", "more than 0"),
        Command(create("1e3"), 65, "--amount", "\"1e3\"", "1000"),
        Command(create("12.5000001"), 65, "--amount", "\"12.5000001\"", "6 decimals"),
        Command(create("12,50"), 65, "--amount", "\"12,50\"", "dot"),
        Command(create("NaN"), 65, "--amount", "\"NaN\"", "12.50"),
        Command(create(""), 65, "--amount", "empty", "12.50"),
        Command(create("1000000000001"), 65, "amount", "limit"),
        Command(create("99999999999999999999"), 65, "--amount", "too large"),
        Command(create("1", "--payer", "bob"), 65, "--payer", "\"bob\"", uuidAdvice),
        Command(create("1", "--media-url", "picture.png"), 65, "media_url", "\"picture.png\"", "https://"),
        Command(create("1", "--expires-in", "soon"), 64, "--expires-in", "soon", durationAdvice),
        Command(create("1", "--expires-in", "0"), 64, "--expires-in", "0", durationAdvice),
        Command(create("1", "--expires-in", "-5m"), 64, "--expires-in", "-5m", durationAdvice),
        Command(["create", "--amount", "1", "--description", " "], 65, "description", "empty"),
        Command(["create", "--amount", "1", "--description", "a\u{1}b"], 65, "description", "control character"),
        Command(
            ["create", "--amount", "1", "--description", String(repeating: "x", count: 20_000)], 65, "description",
            "16384"),
        Command(create("1", "--key", "1001 "), 65, "key", "U+0020 (space)"),
        Command(create("1", "--key", "1001\u{A0}"), 65, "key", "U+00A0 (no-break space)"),
        Command(create("1", "--key", "10\u{202F}01"), 65, "contains U+202F", "character 3", "an ordinary space"),
        Command(create("1", "--key", "1,5E+11"), 65, "key", "a spreadsheet has shortened"),
        Command(["get", "nope"], 64, "nope", "id", uuidAdvice),
        Command(["wait", "../v0/links"], 64, "../v0/links", "id", uuidAdvice),
        Command(["wait", LinkCommandTests.unknown, "--timeout", "soon"], 64, "--timeout", "soon", durationAdvice),
    ]

    @Test(arguments: commands)
    func isRefusedOnTheCommandLine(_ command: Command) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(command.arguments)
        #expect(outcome.status == command.status, "\(outcome)")
        for part in command.says { #expect(outcome.errors.contains(part)) }
        #expect(outcome.output == "")
        #expect(try await sandbox.requests() == [])
    }

    @Test func textThatIsNotUTF8IsRefusedNotMended() async throws {
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        // A shell passes the bytes on as they are; a Swift string could not hold them.
        let program = try PaylinkProcess.located.get()
        try folder.write(
            "s", "#!/bin/sh\nexec \(program) create --amount 1 --description \"$(printf 'caf\\351')\"\n", mode: 0o755)
        let outcome = try await ChildProcess(
            "./s", [], environment: sandbox.variables.merging(["PATH": "/usr/bin:/bin"]) { $1 }, directory: folder.path
        ).finish()
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.errors.contains("UTF-8"))
        #expect(try await sandbox.requests() == [])
    }
}
