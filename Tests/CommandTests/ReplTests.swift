// `paylink repl` without a terminal: lines in, what they give out.

import Foundation
import TestSupport
import Testing

@Suite struct ReplTests {
    static func repl(_ lines: String, _ options: [String] = [], directory: String = "/") async throws -> Outcome {
        try await PaylinkProcess.run(["repl"] + options, input: lines + "\n", directory: directory)
    }

    @Test(arguments: [
        ("1 + 1", "2"), ("\"tea\\n\"", #""tea\n""#), ("0.1", "0.1"), ("nil", "nil"), ("1, nil, true", "1\nnil\ntrue"),
        ("", ""), ("-- a remark", ""), ("x = 5", ""), ("x = 5\nx", "5"), ("print('a')", "a"),
        ("paylink.usd('12.5')", "12.50 USD"), ("{ 2, a = { b = paylink.usd(1) } }", "{ 2, a = { b = 1.00 USD } }"),
        ("{ { { { { { 1 } } } } } }", "{ { { { { … } } } } }"), ("6 * 7\n_ / 2", "42\n21.0"),
        ("task.spawn(function() end)", "task"), ("\"\\27[2J\\u{202E}\"", #""\x1B[2J\u{202e}""#),
    ])
    func showsWhatIsGiven(_ lines: String, _ shown: String) async throws {
        let outcome = try await Self.repl(lines)
        #expect(outcome.output == (shown.isEmpty ? "" : shown + "\n"), "\(outcome)")
        #expect(outcome.errors == "" && outcome.status == 0, "\(outcome)")
    }

    @Test(arguments: [
        ("if true then\nprint('yes')\nend", "yes"), ("function f(a)\nreturn a\nend\nf(3)", "3"),
        ("1 +\n2", "3"), ("{\n1,\n2\n}", "{ 1, 2 }"), ("[[a\nb]]", #""a\nb""#),
    ])
    func readsOnUntilAChunkIsWhole(_ lines: String, _ shown: String) async throws {
        let outcome = try await Self.repl(lines)
        #expect(outcome.output == shown + "\n" && outcome.errors == "", "\(outcome)")
    }

    @Test(arguments: [
        ("local a, b <const> = 1, 2\na + b", "3"), ("local function f() return 4 end\nf()", "4"),
        ("local a = 1 do local b = 2 end -- c\na", "1"), ("local n = 1; n = n + 1\nn", "2"),
    ])
    func keepsLocalVariables(_ lines: String, _ shown: String) async throws {
        let outcome = try await Self.repl(lines)
        #expect(outcome.output == shown + "\n" && outcome.errors == "", "\(outcome)")
    }

    @Test(arguments: [
        ("nosuch", "error: repl:1: undeclared variable 'nosuch'"),
        ("x = = 1", "error: repl:1: unexpected symbol near '='"),
        ("error('\\27[31mred')", #"error: repl:1: \u{1b}[31mred"#),
        ("error{ code = 'late' }", #"error: { code = "late" }"#),
        (
            "error(setmetatable({}, { __tostring = error }))",
            "error: the error value is a table whose __tostring raised an error"
        ),
        ("task.spawn(function() error('inside') end):join()", "nil\nerror: failed: repl:1: inside"),
        ("local _ <close> = setmetatable({}, { __close = error }) sleep(0)", "error:"),
    ])
    func anErrorEndsNothing(_ line: String, _ message: String) async throws {
        let outcome = try await Self.repl(line + "\n'on'")
        #expect(outcome.output.hasSuffix("\"on\"\n") && outcome.status == 0, "\(outcome)")
        let last = message.split(separator: "\n").last.map(String.init) ?? ""
        #expect(outcome.errors.hasPrefix(last), "\(outcome)")
    }

    @Test func anUnfinishedChunkAtTheEndIsToldOf() async throws {
        let outcome = try await Self.repl("'first'\nif true then")
        #expect(outcome.output == "\"first\"\n" && outcome.status == 0)
        #expect(outcome.errors.hasPrefix("error: repl:1: 'end' expected near <eof>"), "\(outcome)")
    }

    @Test func failuresOfCallsAreShownWithAHint() async throws {
        let outcome = try await Self.repl("paylink.get('x')\nassert(paylink.get('x'))", ["--sandbox"])
        #expect(outcome.output == "nil\n", "\(outcome)")
        let said = outcome.errors.split(separator: "\n").map(String.init)
        try #require(said.count == 4, "\(outcome)")
        #expect(said[0].hasPrefix("error: invalid_request: \"x\" is no pay link id"))
        #expect(said[1] == "  hint: paylink explain invalid_request" && said[0] == said[2] && said[1] == said[3])
    }

    @Test func aLinkIsShownAndPaidByHand() async throws {
        let lines = """
            l = assert(paylink.create{ amount = "12.50", description = "Tea" })
            l
            { l }
            pay(l, 5)
            pay(l)
            select(2, l:wait()).code
            m = assert(paylink.create{ amount = 2, description = "Mug" })
            pay(m.id)
            m:wait().status
            pay("nothing")
            """
        let outcome = try await Self.repl(lines, ["--sandbox"])
        let shown = outcome.lines
        try #require(shown.count > 8, "\(outcome)")
        #expect(shown[0].hasPrefix("pay link 0"))
        #expect(shown[1].split(separator: " ").map(String.init) == ["status", "active"])
        #expect(shown.contains { $0.hasPrefix("  amount ") && $0.hasSuffix(" 12.50 USD") })
        #expect(shown.contains { $0.hasPrefix("  url ") && $0.contains(" http://127.0.0.1:") })
        #expect(!shown.contains { $0.hasPrefix("  archived") }, "what is not the case is left out")
        #expect(shown.contains { $0.hasPrefix("{ pay link 0") && $0.hasSuffix(" (active, 12.50 USD) }") })
        #expect(shown.suffix(6) == ["5.00 USD", "nil", "\"underpaid\"", "2.00 USD", "\"paid\"", "nil"], "\(outcome)")
        #expect(outcome.errors.contains("error: refused: ") && outcome.status == 0, "\(outcome)")
    }

    @Test func thePayerIsForASandboxAlone() async throws {
        let outcome = try await Self.repl("pay")
        #expect(outcome.errors.hasPrefix("error: repl:1: undeclared variable 'pay'"), "\(outcome)")
        let refused = try await Self.repl("1", ["--pay-after", "1s"])
        #expect(refused.status == 64 && refused.errors.contains("--pay-after is for --sandbox"), "\(refused)")
    }

    @Test func aScriptRunsFirst() async throws {
        let folder = try TemporaryFolder()
        try folder.write("tools.lua", "#!/usr/bin/env paylink\nprice = arg[1]\nlocal own = 1\nerror('late')\n")
        let outcome = try await Self.repl("price\nown", ["tools.lua", "7"], directory: folder.path)
        #expect(outcome.output == "\"7\"\n" && outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.hasPrefix("error: tools.lua:4: late\n"), "\(outcome)")
        #expect(outcome.errors.contains("undeclared variable 'own'"), "\(outcome)")
    }

    @Test func aLimitOfComputingEndsOneChunkAlone() async throws {
        let lines = """
            x = 1
            while true do pcall(function() while true do end end) end
            local _ <close> = setmetatable({}, { __close = function() while true do end end }) while true do end
            setmetatable({}, { __tostring = function() while true do end end })
            x
            """
        let outcome = try await Self.repl(lines, ["--max-busy", "200ms"])
        #expect(outcome.output == "1\n" && outcome.status == 0, "\(outcome)")
        #expect(outcome.errors.components(separatedBy: "ran for more than 200 ms").count == 4, "\(outcome)")
        #expect(outcome.errors.contains("--max-busy allows more"))
    }

    @Test func whatWasSpawnedGoesOn() async throws {
        let lines = """
            go, done = false, false
            h = task.spawn(function() while not go do sleep("10ms") end done = true end)
            done
            go = true
            h:join()
            done
            task.spawn(function() error("lost") end)
            sleep("50ms")
            task.spawn(sleep, "1h")
            """
        let outcome = try await Self.repl(lines)
        #expect(outcome.output == "false\ntrue\ntask\ntask\n" && outcome.status == 0, "\(outcome)")
        #expect(outcome.errors == "error: repl:1: lost\n", "\(outcome)")
    }

    @Test(arguments: [
        ("os.exit(3)", Int32(3)), ("exit", Int32(0)), ("quit", Int32(0)),
        ("task.spawn(os.exit, 4)\nsleep(9)", Int32(4)),
    ])
    func endsWhenItIsTold(_ line: String, _ status: Int32) async throws {
        let outcome = try await Self.repl(line + "\nprint('never')")
        #expect(outcome.status == status && !outcome.output.contains("never"), "\(outcome)")
    }

    @Test func sharesStandardInputWithWhatIsTyped() async throws {
        let outcome = try await Self.repl("io.read()\nnot code\n'code'")
        #expect(outcome.output == "\"not code\"\n\"code\"\n" && outcome.errors == "", "\(outcome)")
    }

    /// What was typed is typed again by who presses an arrow key.
    @Test func theHistoryIsOutOfReach() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/paylink", withIntermediateDirectories: true)
        try folder.write("paylink/repl_history", "'kept'\n", mode: 0o600)
        let lines = """
            for _, mode in ipairs{ "r", "w", "a" } do print(io.open("\(folder.path)/paylink/repl_history", mode)) end
            print(io.open("\(folder.path)/paylink/beside", "w") ~= nil)
            """
        let outcome = try await PaylinkProcess.run(
            ["repl", "--allow-write", folder.path], environment: ["XDG_STATE_HOME": folder.path], input: lines + "\n")
        #expect(outcome.lines.count == 4 && outcome.lines[3] == "true", "\(outcome)")
        #expect(outcome.lines.prefix(3).allSatisfy { $0.hasPrefix("nil\t") }, "\(outcome)")
        #expect(try String(contentsOfFile: folder.path + "/paylink/repl_history", encoding: .utf8) == "'kept'\n")
    }

    /// What docs/repl.md shows, but for what Ctrl-C ends: without a terminal nobody presses it.
    @Test func theDocumentsTranscriptIsTrue() async throws {
        let document = try String(contentsOfFile: Self.document, encoding: .utf8)
        let start = try #require(document.range(of: "$ paylink repl --sandbox\n"))
        let end = try #require(document.range(of: "\n```", range: start.upperBound..<document.endIndex))
        var lines = document[start.upperBound..<end.lowerBound].split(separator: "\n").map(String.init)
        let interrupted = try #require(lines.firstIndex(of: "^C"))
        lines.removeSubrange(interrupted - 1...interrupted + 1)
        let typed = lines.compactMap { line in
            [">> ", "> "].first { line.hasPrefix($0) }.map { String(line.dropFirst($0.count)) }
        }
        let told = lines.drop { !$0.hasPrefix("> ") }.filter { !$0.hasPrefix("> ") && !$0.hasPrefix(">> ") }
        let errors = told.filter { $0.hasPrefix("error: ") || $0.hasPrefix("  hint: ") }
        let outcome = try await Self.repl(typed.joined(separator: "\n"), ["--sandbox"])
        #expect(typed.count > 8 && errors.count > 2)
        #expect(
            Snapshot.steady(outcome.output)
                == Snapshot.steady(told.filter { !errors.contains($0) }.map { $0 + "\n" }.joined()))
        #expect(outcome.errors == errors.map { $0 + "\n" }.joined())
    }

    private static let document = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs/repl.md").path

    @Test func anotherProcessIsRefused() async throws {
        let outcome = try await Self.repl("1", ["--isolation", "process"])
        #expect(outcome.status == 64 && outcome.errors.contains("--isolation"), "\(outcome)")
    }
}
