// Files that decide what later runs do: no script writes, renames or removes them unless somebody named them.

import Foundation
import Glibc
import TestSupport
import Testing

@testable import Scripting

@Suite struct RunnableFileTests {
    /// Calls each way of changing a file on PATH; every one gives what was refused, or fails.
    private static let ways = """
        local function refused(what, ok, err, number)
          assert(ok == nil, what .. ": " .. PATH)
          if type(err) == "table" then
            assert(err.code == "not_allowed", what .. ": " .. PATH .. ": " .. tostring(err))
            err = err.message
          else
            assert(number == 13, what .. ": " .. PATH .. ": " .. tostring(err))
          end
          assert(err:find("the right to write ", 1, true), err)
        end
        for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do refused("open " .. mode, io.open(PATH, mode)) end
        refused("remove", os.remove(PATH))
        refused("rename", os.rename(PATH, "DIR/elsewhere.txt"))
        refused("rename to", os.rename("DIR/source.txt", PATH))
        refused("writer", csv.writer(PATH, { "a" }))
        refused("append", csv.append(PATH, { a = 1 }, { columns = { "a" } }))

        """

    @Test(arguments: [
        "x.lua", "new.lua", "X.LUA", "y.Lua", ".lua", "x.lua.", "x.lua .", "sub/z.lua", "sub/../x.lua", "./x.lua",
        "folder/z.lua",
        "link.lua", "dangling.lua", "a\u{301}.lua", "paylink.toml", "Paylink.TOML", "sub/paylink.toml", "nightly",
        "alias",
    ])
    func areLeftAsTheyAre(_ name: String) async throws {
        let folder = try fixture()
        let run = try await ScriptHarness.run("local PATH = \"DIR/\(name)\"\n" + Self.ways, in: folder) {
            $0.options.files.running = [folder.path + "/nightly"]
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        try expectNothingHappened(folder)
    }

    @Test func areNotReachedThroughALink() async throws {
        let folder = try fixture()
        mkdir(folder.path + "/empty", 0o755)
        let run = try await ScriptHarness.run(
            """
            for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do
              local f, message, number = io.open("DIR/link.txt", mode)
              assert(f == nil and number == 13 and message:find("the right to write ", 1, true), message)
            end
            assert(not csv.writer("DIR/link.txt", { "a" }) and not csv.append("DIR/link.txt", { a = 1 }, { columns = { "a" } }))
            -- Another folder in the place of this one, and other modules would be loaded.
            assert(not os.remove("DIR/folder") and not os.rename("DIR/folder", "DIR/other"))
            assert(not os.rename("DIR/source.txt", "DIR/folder"))
            for _, name in ipairs{ "sub", "empty" } do
              assert(not os.remove("DIR/" .. name) and not os.rename("DIR/" .. name, "DIR/other"))
            end
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        try expectNothingHappened(folder)
        for name in ["folder", "sub", "empty"] { #expect(folder.names.contains(name)) }
    }

    @Test func otherNamesAreFree() async throws {
        let folder = try fixture()
        mkdir(folder.path + "/dir.lua", 0o755)
        let run = try await ScriptHarness.run(
            """
            for _, name in ipairs{ "x.luac", "lua", "xlua", "x.lua.bak", "x.lua.csv", "paylink.toml.old", "my-paylink.toml", "dir.lua/x.txt" } do
              local f = assert(io.open("DIR/" .. name, "w")) f:close()
              assert(os.rename("DIR/" .. name, "DIR/moved.txt") and os.remove("DIR/moved.txt"))
            end
            assert(io.open("DIR/x.lua"):read("a") == "return 1", "reading is another matter")
            assert(os.remove("DIR/link.txt"), "the link goes, not the script")
            """, in: folder)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        try expectNothingHappened(folder)
    }

    @Test func aFolderThatIsNamedIsMeantItselfNotWhatIsBelow() async throws {
        let folder = try fixture()
        let run = try await ScriptHarness.run(
            """
            for _, name in ipairs{ "x.lua", "new.lua", "paylink.toml" } do
              local f = assert(io.open("DIR/" .. name, "w")) f:write("written") f:close()
            end
            assert(csv.writer("DIR/table.lua", { "a" })):close()
            assert(os.rename("DIR/new.lua", "DIR/newer.lua") and os.remove("DIR/table.lua"))
            assert(io.open("DIR/sub/free.txt", "w")):close()
            local f, message = io.open("DIR/sub/z.lua", "w")
            assert(not f and message:find("the right to write ", 1, true), message)
            """, in: folder
        ) { $0.options.files = FileAccess(own: [folder.path], readable: [], writable: [folder.path]) }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try folder.read("x.lua") == "written" && folder.read("newer.lua") == "written")
        #expect(try folder.read("sub/z.lua") == "return 1")
    }

    @Test(arguments: ["x.lua", "new.lua", "link.lua", "paylink.toml"])
    func aFileThatIsNamedIsMeantAlone(_ name: String) async throws {
        let folder = try fixture(), own = try TemporaryFolder()
        let run = try await ScriptHarness.run(
            """
            local f = assert(io.open("DIR/\(name)", "w")) f:write("written") f:close()
            assert(io.open("DIR/\(name)"):read("a") == "written")
            for _, other in ipairs{ "sub/z.lua", "y.lua", "source.txt" } do assert(not io.open("DIR/" .. other, "w"), other) end
            """, in: folder
        ) { $0.options.files = FileAccess(own: [own.path], readable: [], writable: [folder.path + "/" + name]) }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try folder.read(name) == "written")
    }

    @Test func theRootIsNobodysOwnFolderAndProcfsIsNoStorage() async throws {
        let run = try await ScriptHarness.run(
            """
            local f, message, number = io.open("/etc/passwd")
            assert(not f and number == 13 and message:find("the right to read its folder", 1, true), message)
            for _, path in ipairs{ "/proc/self/comm", "/proc/self/environ" } do
              for _, mode in ipairs{ "r", "w", "a", "r+" } do
                f, message, number = io.open(path, mode)
                assert(not f and number == 13, path)
              end
            end
            f, message = io.open("/proc/self/comm", "w")
            assert(message:find("stores nothing", 1, true), message)
            assert(not os.remove("/paylink-test.txt") and not csv.writer("/paylink-test.csv", { "a" }))
            """
        ) { $0.options.files = FileAccess(own: ["/", "/proc/self"], readable: [], writable: []) }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        let named = try await ScriptHarness.run(
            """
            assert(io.open("/etc/passwd"):read("l"))
            local f, message = io.open("/proc/self/environ")
            assert(not f and message:find("stores nothing", 1, true), message)
            """
        ) { $0.options.files = FileAccess(readable: ["/"], writable: []) }
        #expect(named.result == .finished(status: 0), "\(named.result)")
    }

    /// Settings of the user that are not there yet, in a folder that has two names.
    @Test func aReservedPlaceIsOutOfReachBeforeThereIsAFile() async throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path + "/real", 0o755)
        symlink("real", folder.path + "/home")
        let run = try await ScriptHarness.run(
            """
            for _, path in ipairs{ "DIR/real/config.toml", "DIR/home/config.toml", "DIR/home/../real/config.toml" } do
              local f, message, number = io.open(path, "w")
              assert(not f and number == 13 and message:find("belongs to paylink itself", 1, true), message)
            end
            """, in: folder
        ) {
            $0.options.files = FileAccess(own: [], readable: [], writable: [folder.path + "/real"])
            $0.options.files.reserved = ReservedFiles([folder.path + "/home/config.toml"])
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    // MARK: Fixture

    /// Scripts, settings, and links of every kind to them.
    private func fixture() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        mkdir(folder.path + "/sub", 0o755)
        symlink("sub", folder.path + "/folder")
        for name in ["x.lua", "X.LUA", "y.Lua", "sub/z.lua", "paylink.toml", "nightly"] {
            try folder.write(name, "return 1")
        }
        try folder.write("source.txt", "source")
        symlink("x.lua", folder.path + "/link.txt")
        symlink("x.lua", folder.path + "/link.lua")
        symlink("none", folder.path + "/dangling.lua")
        link(folder.path + "/nightly", folder.path + "/alias")
        return folder
    }

    private func expectNothingHappened(_ folder: TemporaryFolder) throws {
        for name in ["x.lua", "X.LUA", "y.Lua", "sub/z.lua", "paylink.toml", "nightly", "alias", "link.lua"] {
            #expect(try folder.read(name) == "return 1", "\(name)")
        }
        #expect(try folder.read("source.txt") == "source")
        #expect(!folder.names.contains { ["new.lua", "elsewhere.txt", "none"].contains($0) }, "\(folder.names)")
    }
}
