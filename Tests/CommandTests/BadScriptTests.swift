// Scripts that cannot be read, do not compile, or misuse the API: the report names file and line, and quotes it.

import TestSupport
import Testing

@Suite struct BadScriptTests {
    // MARK: Files

    @Test func aScriptThatIsNotThere() async throws {
        let outcome = try await PaylinkProcess.run(["run", "checkout.lua"])
        #expect(outcome.errors == "paylink: cannot open checkout.lua: No such file or directory\n")
        #expect(outcome.status == 64)
    }

    @Test func aFolder() async throws {
        let folder = try TemporaryFolder()
        let outcome = try await PaylinkProcess.run(["run", folder.path])
        #expect(outcome.errors == "paylink: \(folder.path) is a directory, not a script\n")
        #expect(outcome.status == 64)
    }

    @Test(
        arguments: [
            ("NUL", Array("print(1)\0\n".utf8)),
            ("Lua bytecode", [0x1B, 0x4C, 0x75, 0x61, 0x54, 0x00, 0x19, 0x93]),
            ("an executable", [0x7F, 0x45, 0x4C, 0x46, 0x02, 0x01, 0x01, 0x00]),
            ("bytecode without NUL", [0x1B, 0x4C, 0x75, 0x61, 0x54, 0x01, 0x19, 0x93]),
        ] as [(String, [UInt8])])
    func aFileThatIsNoText(_ name: String, _ bytes: [UInt8]) async throws {
        let folder = try TemporaryFolder()
        try folder.write("s.lua", bytes)
        for (arguments, shown) in [(["run", "s.lua"], "s.lua"), (["run", "./s.lua"], "./s.lua")] {
            let outcome = try await PaylinkProcess.run(arguments, directory: folder.path)
            #expect(outcome.errors.hasPrefix("paylink: \(shown) is not text"), "\(outcome)")
            #expect(!outcome.errors.contains("\u{1B}"))
            #expect(outcome.status == 65)
        }
    }

    @Test func aFileThatIsTooLarge() async throws {
        let folder = try TemporaryFolder()
        try folder.write("s.lua", [UInt8](repeating: 0x20, count: (16 << 20) + 1))
        let outcome = try await PaylinkProcess.run(["run", "s.lua"], directory: folder.path)
        #expect(outcome.errors == "paylink: s.lua is larger than 16 MB: not a script\n")
        #expect(outcome.status == 65)
    }

    // MARK: Syntax and errors

    @Test(arguments: [
        ("local x = = 1", "s.lua:3: unexpected symbol near '='"),
        ("return = 5", "s.lua:3: unexpected symbol near '='"),
        ("print('open)", "s.lua:3: unfinished string near ''open)'"),
    ])
    func aSyntaxErrorIsQuoted(_ line: String, _ message: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("s.lua", "local a = 1\n\n\(line)\n")
        let outcome = try await PaylinkProcess.run(["run", "s.lua"], directory: folder.path)
        #expect(outcome.errors == "paylink: \(message)\n  3 | \(line)\n")
        #expect(outcome.output == "")
        #expect(outcome.status == 1)
    }

    @Test func aSyntaxErrorInAModuleNamesTheModule() async throws {
        let folder = try TemporaryFolder()
        try folder.write("s.lua", "local shop = require('shop')")
        try folder.write("shop.lua", "return {\n  name = = 1\n}")
        let outcome = try await PaylinkProcess.run(["run", "s.lua"], directory: folder.path)
        #expect(outcome.errors.has(#"shop\.lua:2: unexpected symbol near '='"#), "\(outcome.errors)")
        #expect(outcome.errors.contains("s.lua:1"), "\(outcome.errors)")
        #expect(outcome.status == 1)
    }

    @Test func anErrorShowsTheLinesThatLedThere() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "s.lua", "local function inner() error('broken') end\nlocal function outer() inner() end\nouter()\n")
        let outcome = try await PaylinkProcess.run(["run", "s.lua"], directory: folder.path)
        #expect(
            outcome.errors.hasPrefix(
                "paylink: s.lua:1: broken\n  1 | local function inner() error('broken') end\nstack:\n"))
        let places = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("  s.lua:") }.map { $0.prefix(9) }
        #expect(places == ["  s.lua:1", "  s.lua:2", "  s.lua:3"], "\(outcome.errors)")
    }

    // MARK: Misuse

    static let misuse = [
        (
            "paylink.create{ amout = '1', description = 'Mug' }",
            "paylink.create: unknown option 'amout' (did you mean 'amount'?)"
        ),
        (
            "paylink.create{ amount = '1', descripton = 'Mug' }",
            "paylink.create: unknown option 'descripton' (did you mean 'description'?)"
        ),
        ("paylink.create{ amount = '1', description = 'Mug', colour = 1 }", "paylink.create: unknown option 'colour'"),
        ("paylink.create{ description = 'Mug' }", "paylink.create: option 'amount' is missing"),
        ("paylink.create{ amount = 1 }", "paylink.create: option 'description' is missing"),
        ("paylink.create{ amount = true, description = 'Mug' }", "paylink.create: option 'amount' must be an amount"),
        (
            "paylink.create{ amount = 1, description = 5 }",
            "paylink.create: option 'description' must be a string, not a"
        ),
        ("paylink.create('1')", "paylink.create: takes one table of options"),
        ("paylink.creat{ amount = 1 }", "paylink.creat does not exist (did you mean 'create'?)"),
        ("paylink.wait('x', { timout = 1 })", "paylink.wait: unknown option 'timout' (did you mean 'timeout'?)"),
        ("paylink.get()", "paylink.get: argument 1 (link) is missing"),
        ("pritn(1)", "undeclared variable 'pritn' (did you mean 'print'?)"),
        ("sleep('abc')", "sleep: 'abc' is no duration"),
        ("paylink.usd('12,50')", "paylink.usd: \"12,50\" has a comma"),
        ("local x = paylink.usd(1) * 1.5", "money is multiplied by an integer only"),
        ("io.popen('x')", "io.popen"),
        ("os.execute('ls')", "os.execute is not available to scripts"),
    ]

    @Test(arguments: misuse)
    func misuseRaisesAtTheCallersLine(_ call: String, _ message: String) async throws {
        let sandbox = try await SandboxProcess.start()
        let outcome = try await sandbox.run(["run", "-"], input: "local a = 1\n\(call)\n")
        let report = outcome.errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(report.first?.hasPrefix("paylink: stdin:2: ") == true, "\(outcome)")
        #expect(report.first?.contains(message) == true, "\(outcome)")
        #expect(report.dropFirst().first == "  2 | \(call)")
        #expect(outcome.status == 1)
        #expect(try await sandbox.requests() == [])
    }

    @Test func aFailureThatWasIgnoredIsNamedInTheReport() async throws {
        let code = "local l = paylink.create{amount=\"abc\", description=\"x\"}\nlocal n = 1\nprint(l.url)\n"
        let outcome = try await PaylinkProcess.run(["run", "--sandbox", "-"], input: code)
        #expect(
            outcome.errors.hasPrefix(
                """
                paylink: stdin:3: attempt to index a nil value (local 'l')
                  3 | print(l.url)
                  note: paylink.create at stdin:1 had failed: invalid_request: "abc" is not an amount; \
                write US dollars as digits with at most one dot, such as 12.50
                        check its result, or wrap the call in assert(…)
                """), "\(outcome.errors)")
        #expect(outcome.status == 1)
    }

    @Test func aFailureThatWasHandledIsNotBlamed() async throws {
        let code = """
            local l, err = paylink.create{amount="abc", description="x"}
            if not l then l = assert(paylink.create{amount=1, description="x"}) end
            local nothing
            print(nothing.field)
            """
        let outcome = try await PaylinkProcess.run(["run", "--sandbox", "-"], input: code)
        #expect(outcome.errors.contains("attempt to index a nil value (local 'nothing')"))
        #expect(!outcome.errors.contains("had failed"), "\(outcome.errors)")
    }

    @Test(arguments: [
        ("assert(b:join())", "assert(a:join())", "wait for each other for ever", ["stdin:3"]),
        ("task.any{ b }", "task.any{ a }", "deadlock: every task waits for another one", ["stdin:2", "stdin:3"]),
    ])
    func aDeadlockIsNamed(_ first: String, _ second: String, _ message: String, _ places: [String]) async throws {
        let code = """
            local a, b
            a = task.spawn(function() \(first) end)
            b = task.spawn(function() \(second) end)
            assert(a:join())
            """
        let outcome = try await PaylinkProcess.run(["run", "-"], input: code)
        #expect(outcome.errors.contains(message), "\(outcome)")
        for place in places { #expect(outcome.errors.contains(place), "\(outcome.errors)") }
        #expect(outcome.status == 1)
    }
}
