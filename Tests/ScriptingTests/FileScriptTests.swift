// io.open and its kin as scripts use them: Lua's own handles, on files that the script may have.

import Foundation
import Glibc
import LuaRuntime
import TestSupport
import Testing

@testable import Scripting

@Suite struct FileScriptTests {
    @Test func filesAreReadAndWrittenAsInLua() async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            local f = assert(io.open("DIR/a.txt", "w"))
            assert(io.type(f) == "file" and f:write("one\\n", 2, "\\nthree"))
            assert(f:close() and io.type(f) == "closed file" and not pcall(f.write, f, "x"))
            f = assert(io.open("DIR/a.txt", "a"))
            f:write("\\nfour\\n")
            f:close()
            f = assert(io.open("DIR/a.txt"))
            assert(f:read("l") == "one" and f:read("n") == 2 and f:read("L") == "\\n" and f:read("a") == "three\\nfour\\n")
            assert(f:seek("set", 4) == 4 and f:read(1) == "2" and f:read(0) == "")
            assert(select(3, f:write("x")) == 9, "a file for reading takes nothing")
            assert(io.close(f))
            f = assert(io.open("DIR/a.txt", "r+b"))
            f:write("ONE")
            f:seek("set")
            assert(f:read("a") == "ONE\\n2\\nthree\\nfour\\n")
            f:close()
            local n = 0
            for line in io.lines("DIR/a.txt") do n = n + #line end
            assert(n == 13, n)
            for a, b in io.lines("DIR/a.txt", 1, 2) do assert(a == "O" and b == "NE") break end
            local next_line, _, _, closing = io.lines("DIR/a.txt")
            while next_line() do end
            assert(closing == nil and not pcall(next_line))
            for mode, at in pairs{ a = 17, ab = 17, ["a+"] = 0, ["r+"] = 0 } do
              local g <close> = assert(io.open("DIR/a.txt", mode))
              assert(g:seek() == at, mode)
            end
            for name, misused in pairs{
              ["io.lines: 'q' is no format"] = function() for _ in io.lines("DIR/a.txt", "q") do end end,
              ["bad argument #1 to 'write'"] = function() io.write({}) end,
              ["bad argument #1 to 'io.type'"] = io.type,
            } do
              local ok, message = pcall(misused)
              assert(not ok and message:find(name, 1, true) and not message:find("[paylink", 1, true), message)
            end
            do local g <close> = assert(io.open("DIR/b.txt", "w+")) g:write("kept") end
            assert(os.rename("DIR/b.txt", "DIR/c.txt") and not io.open("DIR/b.txt"))
            assert(io.open("DIR/c.txt"):read("a") == "kept" and os.remove("DIR/c.txt"))
            local gone, message, number = os.remove("DIR/c.txt")
            assert(gone == nil and number == 2 and message == "DIR/c.txt: No such file or directory", message)
            -- Not closed by the script: its end writes it all the same.
            local left = assert(io.open("DIR/left.txt", "w"))
            left:write("left")
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(folder.names == ["a.txt", "left.txt"])
        #expect(try folder.read("left.txt") == "left")
    }

    @Test func whatIsNotAllowedIsNamedWithTheFlagThatAllowsIt() async throws {
        let folder = try TemporaryFolder(), other = try TemporaryFolder()
        try other.write("secret.txt", "hidden")
        symlink(other.path + "/secret.txt", folder.path + "/out.txt")
        symlink(other.path + "/new.txt", folder.path + "/dangling.txt")
        symlink(folder.path + "/in.txt", folder.path + "/link.txt")
        symlink(other.path, folder.path + "/folder")
        try folder.write("in.txt", "in")
        try folder.write("paylink.toml", "")
        try folder.write("ledger.db", "")
        link(folder.path + "/ledger.db", folder.path + "/alias.db")
        mkfifo(folder.path + "/pipe", 0o600)
        let run = try await ScriptHarness.run(
            """
            local function refused(f, ...)
              local ok, message, number = f(...)
              assert(ok == nil and type(message) == "string" and math.type(number) == "integer", message)
              return number, message
            end
            local EACCES = 13
            for _, mode in ipairs{ "r", "w", "a", "r+", "w+", "a+" } do
              for _, name in ipairs{ "out.txt", "folder/secret.txt", "../x", "folder/../../x" } do
                local number, message = refused(io.open, "DIR/" .. name, mode)
                assert(number == EACCES and message:find(mode == "r" and "the right to read" or "the right to write", 1, true), message)
              end
              assert(refused(io.open, "/etc/passwd", mode) == EACCES)
              assert(refused(io.open, "DIR/ledger.db", mode) == EACCES and refused(io.open, "DIR/alias.db", mode) == EACCES)
              assert(refused(io.open, "DIR/pipe", mode) ~= EACCES)
              assert(refused(io.open, "DIR", mode) ~= 0 and refused(io.open, "DIR/folder", mode) ~= 0)
              assert(refused(io.open, "DIR/a\\0b", mode) == 22 and refused(io.open, "DIR/\\xff", mode) == 22)
              assert(refused(io.open, "", mode) ~= 0)
            end
            assert(refused(io.open, "DIR/paylink.toml", "a") == EACCES)
            assert(refused(io.open, "DIR/paylink.toml\0", "w") == 22 and refused(os.rename, "DIR/in.txt", "DIR/paylink.toml\0x") == 22)
            assert(refused(io.open, "DIR/dangling.txt", "w") == 2)
            assert(refused(io.open, "DIR/none.txt") == 2 and refused(io.open, "DIR/none/x", "w") == 2)
            assert(refused(os.remove, "DIR/ledger.db") == EACCES and refused(os.remove, "DIR/folder/secret.txt") == EACCES)
            assert(refused(os.remove, "DIR/pipe") == 22 and refused(os.remove, "/etc/passwd") == EACCES)
            assert(refused(os.rename, "DIR/ledger.db", "DIR/x") == EACCES and refused(os.rename, "DIR/in.txt", "DIR/paylink.toml") == EACCES)
            assert(refused(os.rename, "DIR/in.txt", "DIR/alias.db") == EACCES)
            assert(refused(os.rename, "DIR/in.txt", "DIR/folder/x") == EACCES and refused(os.rename, "DIR/folder/secret.txt", "DIR/x") == EACCES)
            -- A link within is as good as what it leads to.
            assert(io.open("DIR/link.txt"):read("a") == "in")
            local f = assert(io.open("DIR/link.txt", "a")) f:write("side") f:close()
            assert(os.remove("DIR/out.txt"))
            local ok, message = pcall(function() for _ in io.lines("/etc/passwd") do end end)
            assert(not ok and message:find("^test.lua:%d+: io.lines: /etc/passwd is outside"), message)
            """, in: folder
        ) { runner in
            runner.options.files.reserved = ReservedFiles([folder.path + "/ledger.db"])
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try folder.read("in.txt") == "inside" && other.read("secret.txt") == "hidden")
        #expect(other.names == ["secret.txt"])
    }

    /// The system sees bytes where Swift sees characters.
    @Test func pathsAreJudgedByTheirBytes() async throws {
        let fixture = try TemporaryFolder()
        let own = fixture.path + "/caf\u{e9}", sibling = fixture.path + "/cafe\u{301}"
        for folder in [own, sibling] { mkdir(folder, 0o755) }
        for file in [fixture.path + "/\u{301}victim.txt", sibling + "/secret.txt", own + "/mine.txt"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        }
        let run = try await ScriptHarness.run(
            """
            local own, sibling = "\(own)", "\(sibling)"
            assert(own ~= sibling)
            local function refused(f, ...)
              local ok, _, number = f(...)
              assert(ok == nil and number == 13, (...))
            end
            for _, mark in ipairs{ "\\u{301}", "\\u{200D}", "\\u{FE0F}", "\\u{1F3FB}" } do
              for _, mode in ipairs{ "r", "w", "a", "r+", "w+", "a+" } do refused(io.open, own .. "/../" .. mark .. "victim.txt", mode) end
              refused(os.remove, own .. "/../" .. mark .. "victim.txt")
              refused(os.rename, own .. "/mine.txt", own .. "/../" .. mark .. "new.txt")
              refused(os.rename, own .. "/../" .. mark .. "victim.txt", own .. "/new.txt")
              assert(select(2, csv.writer(own .. "/../" .. mark .. "x.csv", { "a" })).code == "not_allowed")
              assert(select(2, csv.append(own .. "/../" .. mark .. "x.csv", { a = 1 }, { columns = { "a" } })).code == "not_allowed")
            end
            for _, mode in ipairs{ "r", "w", "a", "r+" } do refused(io.open, sibling .. "/secret.txt", mode) end
            refused(os.remove, sibling .. "/secret.txt")
            local f = assert(io.open(own .. "/\\u{301}fine.txt", "w")) f:close()
            """
        ) { $0.options.files = FileAccess(readable: [], writable: [own]) }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(fixture.names.count == 3 && fixture.names.contains { $0.utf8.elementsEqual("\u{301}victim.txt".utf8) })
    }

    @Test(arguments: [
        ("io.open()", "io.open: the path must be a string, not a nil"),
        ("io.open({})", "io.open: the path must be a string, not a table"),
        ("io.open('x', 'rw')", "io.open: the mode must be one of r, w, a, r+, w+ and a+, not rw"),
        ("io.open('x', 1)", "io.open: the mode must be one of"),
        ("io.popen('ls')", "io.popen is not available to scripts: use program.run"),
        ("io.tmpfile()", "io.tmpfile is not available to scripts: open a file"),
        ("io.input('x')", "io.input is not available to scripts: use io.open"),
        ("io.close()", "io.close: the argument must be a file"),
        ("os.rename('x')", "os.rename: the path must be a string, not a nil"),
        ("string.find = function() return 1 end io.open('x', 'wx')", "io.open: the mode must"),
        ("os.tmpname()", "os.tmpname is not available to scripts: name a file"),
    ])
    func misuseIsRaisedAtTheCallersLine(_ call: String, _ message: String) async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            "local ok, err = pcall(function() \(call) end)\nassert(not ok) log.info(err)", in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(run.texts.first?.hasPrefix("test.lua:1: \(message)") == true, "\(run.texts)")
    }

    @Test func filesCannotUseUpTheProcess() async throws {
        let folder = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            -- Forgotten handles are collected, kept ones are bounded.
            for i = 1, 2000 do assert(io.open("DIR/x", "w")) end
            local kept, message, number = {}
            while true do
              local f
              f, message, number = io.open("DIR/x", "a")
              if not f then break end
              kept[#kept + 1] = f
            end
            assert(#kept == 128 and number == 24 and message:find("128 files are open", 1, true), #kept)
            for _, f in ipairs(kept) do assert(f:setvbuf("full", 1 << 40) and f:setvbuf("no") and f:setvbuf("line")) f:close() end
            -- A huge file is a matter of memory, not of the process.
            local f = assert(io.open("DIR/huge", "w+"))
            f:seek("set", 1 << 36) f:write("end") f:seek("set")
            assert(not pcall(f.read, f, "a") and not pcall(f.read, f, 1 << 40))
            f:close()
            assert(os.remove("DIR/huge"))
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aDryRunLeavesFilesAsTheyAre() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.txt", "a")
        let run = try await ScriptHarness.run(
            """
            assert(io.open("DIR/a.txt"):read("a") == "a")
            for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do
              local f = assert(io.open("DIR/a.txt", mode))
              assert(f:write("b") and f:close())
            end
            assert(io.open("DIR/new.txt", "w") and os.rename("DIR/a.txt", "DIR/b.txt") and os.remove("DIR/a.txt"))
            assert(select(3, io.open("/etc/passwd", "a")) == 13)
            """, in: folder
        ) { $0.options.isDryRun = true }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(folder.names == ["a.txt"])
        #expect(try folder.read("a.txt") == "a")
    }
}
