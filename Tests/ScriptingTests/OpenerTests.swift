// Every call that opens a file, on what is no file: each one asks the same judge, and none is held up by a pipe.

import CPosix
import Foundation
import Glibc
import LuaRuntime
import Synchronization
import TestSupport
import Testing

@testable import Scripting

@Suite struct OpenerTests {
    /// Calls each opener on PATH; every one gives why not, or raises.
    private static let openers = """
        local function message(what, ok, err, ...)
          assert(not ok, what .. ": " .. PATH)
          return type(err) == "table" and err.code .. ": " .. err.message or tostring(err)
        end
        local function each(expected, list)
          for what, call in pairs(list) do
            local text = message(what, call())
            assert(text:find(expected, 1, true), what .. " of " .. PATH .. ": " .. text)
          end
        end
        local readers = {
          open = function() return io.open(PATH) end,
          lines = function() return pcall(io.lines, PATH) end,
          rows = function() return csv.rows(PATH) end,
          attachment = function()
            return mail.send{ from = "a@x.example", to = "b@x.example", subject = "s", text = "x", attachments = { PATH } }
          end,
        }
        local writers = {
          append = function() return csv.append(PATH, { a = 1 }, { columns = { "a" } }) end,
          writer = function() return csv.writer(PATH, { "a" }) end,
          remove = function() return os.remove(PATH) end,
          rename = function() return os.rename(PATH, "DIR/elsewhere") end,
          replace = function() return os.rename("DIR/source.txt", PATH) end,
        }
        for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do
          writers[mode] = function() return io.open(PATH, mode) end
        end

        """

    private func run(
        _ path: String, _ script: String, in folder: TemporaryFolder, readable: [String] = [], writable: [String] = [],
        reserved: ReservedFiles = .none
    ) async throws -> ScriptResult {
        try folder.write("source.txt", "source")
        return try await ScriptHarness.run("local PATH = \"\(path)\"\n" + Self.openers + script, in: folder) {
            $0.options.files = FileAccess(own: [folder.path], readable: readable, writable: writable)
            $0.options.files.reserved = reserved
            $0.options.mail.server = "sendmail"
            try? $0.options.recipients.allow("*")
        }.result
    }

    @Test(arguments: [
        "/proc/self/environ", "/proc/self/status", "/proc/self/mem", "/proc/self/task/../maps", "/proc/cpuinfo",
        "/proc/sys/kernel/hostname", "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/thread-self/comm",
    ])
    func whatShowsTheSystemIsOpenedByNoCall(_ path: String) async throws {
        let folder = try TemporaryFolder()
        let result = try await run(
            path, "each('stores nothing', readers) each('', writers)", in: folder, readable: ["/"], writable: ["/"])
        #expect(result == .finished(status: 0), "\(result)")
        // A link is no way round it, neither to the file nor to its folder.
        symlink(path, folder.path + "/link")
        let linked = try await run("DIR/link", "each('stores nothing', readers)", in: folder, readable: ["/"])
        #expect(linked == .finished(status: 0), "\(linked)")
        symlink("/proc/self", folder.path + "/process")
        let below = try await run("DIR/process/environ", "each('stores nothing', readers)", in: folder, readable: ["/"])
        #expect(below == .finished(status: 0), "\(below)")
        #expect(folder.names == ["link", "process", "source.txt"])
    }

    /// By the type of its file system, whether it says that it has a size or not.
    @Test(
        arguments: [
            (0x9fa0, false, false), (0x6265_6572, false, false), (0x0027_e0eb, false, false),
            (0x6367_7270, false, false), (0x6462_6720, false, false), (0x7472_6163, false, false),
            (0x7363_6673, false, false), (0xf97c_ff8c, false, false), (0xde5e_81e4, false, false),
            (0xcafe_4a11, false, false), (0x6165_676c, false, false), (0x6265_6570, false, false),
            (0x1980_0202, false, false), (0x1cd1, false, false),
            // A type that nobody has heard of; ext4; tmpfs, FUSE, NFS, SMB.
            (0x1234_5678, true, false), (0xef53, true, false), (0x0102_1994, true, true), (0x6573_5546, true, true),
            (0x6969, true, true), (0xfe53_4d42, true, true),
        ] as [(UInt, Bool, Bool)])
    func whatKeepsNothingIsKnownByItsKind(_ type: UInt, _ withSize: Bool, _ without: Bool) {
        #expect((cposix_keeps(type, 1) != 0) == withSize)
        #expect((cposix_keeps(type, 0) != 0) == without)
    }

    @Test func aPipeADeviceAndAFolderHoldNoCallUp() async throws {
        let folder = try TemporaryFolder()
        mkfifo(folder.path + "/pipe", 0o600)
        mkdir(folder.path + "/folder", 0o755)
        symlink("/dev/zero", folder.path + "/device")
        for path in ["DIR/pipe", "DIR/folder", "DIR/device"] {
            let script = """
                each("is no regular file", readers)
                local opening = {}
                for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do opening[mode] = writers[mode] end
                each("is no regular file", opening)
                each("", { append = writers.append, writer = writers.writer })
                """
            let result = try await run(path, script, in: folder, readable: ["/dev"], writable: ["/dev"])
            #expect(result == .finished(status: 0), "\(path): \(result)")
        }
        #expect(folder.names == ["device", "folder", "pipe", "source.txt"])
    }

    /// A file that is open has a path in procfs, whatever became of its name.
    @Test func aFileWithoutANameIsNobodysToOpen() async throws {
        let folder = try TemporaryFolder()
        let file = try #require(fopen(try folder.write("gone.csv", "a\n1\n"), "r"))
        defer { fclose(file) }
        unlink(folder.path + "/gone.csv")
        let result = try await run(
            "/proc/self/fd/\(fileno(file))", "each('', readers) each('', writers)", in: folder, readable: ["/"])
        #expect(result == .finished(status: 0), "\(result)")
    }

    /// While another process puts a link and a file in each other's place, over and over.
    @Test func nothingIsSwappedInAfterTheLook() async throws {
        let folder = try TemporaryFolder(), elsewhere = try TemporaryFolder()
        let hidden = try elsewhere.write("secret.txt", "hidden"), place = folder.path + "/x"
        try folder.write("x", "own")
        let isOver = Mutex(false)
        let swapping = Thread {
            while !isOver.withLock({ $0 }) {
                symlink(hidden, place + ".link")
                rename(place + ".link", place)
                _ = try? folder.write("x.file", "own")
                rename(place + ".file", place)
            }
        }
        swapping.start()
        let run = try await ScriptHarness.run(
            """
            local reads, writes = 0, 0
            for i = 1, 2000 do
              local f = io.open("DIR/x")
              if f then reads = reads + 1 assert(f:read("a") ~= "hidden") f:close() end
              for _, mode in ipairs{ "r+", "a" } do
                local g = io.open("DIR/x", mode)
                if g then writes = writes + 1 g:write("own") g:close() end
              end
              csv.append("DIR/x", { own = 1 })
            end
            assert(reads > 0 and writes > 0)
            """, in: folder)
        isOver.withLock { $0 = true }
        while !swapping.isFinished { try await Task.sleep(for: .milliseconds(1)) }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(try elsewhere.read("secret.txt") == "hidden")
    }

    @Test func requireLoadsFilesAlone() async throws {
        let folder = try TemporaryFolder()
        mkfifo(folder.path + "/pipe.lua", 0o600)
        symlink("/proc/self/environ", folder.path + "/shown.lua")
        mkdir(folder.path + "/folder.lua", 0o755)
        try folder.write("ledger.lua", "return 'hidden'")
        try folder.write("good.lua", "return 'good'")
        try folder.write(".hidden.lua", "return 'hidden'")
        mkdir(folder.path + "/sub", 0o755)
        try folder.write("sub/good.lua", "return 'sub'")
        try folder.write("code.lua", "\u{1B}Lua")
        symlink("good.lua", folder.path + "/other.lua")
        let text = """
            local function why(name) local ok, err = pcall(require, name) assert(not ok) return err end
            assert(require('good') == 'good' and require('other') == 'good')
            assert(why('pipe'):find('is no regular file', 1, true) and why('folder'):find('is no regular file', 1, true))
            assert(why('shown'):find('stores nothing', 1, true), why('shown'))
            assert(why('ledger'):find('belongs to paylink itself', 1, true), why('ledger'))
            assert(why('none'):find('not found: looked for', 1, true), why('none'))
            assert(why('code'):find('binary', 1, true), why('code'))
            for _, name in ipairs{ '.good', 'sub..good', 'sub/good', '../good', './good', '.hidden' } do why(name) end
            """
        let run = try await ScriptHarness.run(text, directory: folder.path) {
            $0.options.files.reserved = ReservedFiles([folder.path + "/ledger.lua"])
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    /// Another name of a file may be a script's, or lie where this script has no say.
    @Test func aFileWithSeveralNamesIsNotWrittenInto() async throws {
        let folder = try TemporaryFolder(), elsewhere = try TemporaryFolder()
        try elsewhere.write("other.lua", "a\n1\n")
        link(elsewhere.path + "/other.lua", folder.path + "/alias.csv")
        symlink("alias.csv", folder.path + "/link.csv")
        for path in ["DIR/alias.csv", "DIR/link.csv"] {
            let script = """
                assert(io.open(PATH):read("l") == "a", "reading is another matter")
                for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do
                  local f, err, number = io.open(PATH, mode)
                  assert(not f and number == 13 and err:find("hard links", 1, true) and err:find("the right to write ", 1, true), err)
                end
                if PATH:find("alias") then each("not_allowed: ", { append = writers.append }) end
                """
            let result = try await run(path, script, in: folder)
            #expect(result == .finished(status: 0), "\(path): \(result)")
        }
        #expect(try elsewhere.read("other.lua") == "a\n1\n")
        // Another file in its place, and the other name keeps what it has.
        let replaced = try await run(
            "DIR/alias.csv", "local f = assert(csv.writer(PATH, { 'b' })) f:close()", in: folder)
        #expect(replaced == .finished(status: 0), "\(replaced)")
        #expect(try elsewhere.read("other.lua") == "a\n1\n" && folder.read("alias.csv") == "b\n")
        // Who names the very file means it.
        link(elsewhere.path + "/other.lua", folder.path + "/named.csv")
        let named = try await run(
            "DIR/named.csv", "assert(csv.append(PATH, { a = 2 }))", in: folder, writable: [folder.path + "/named.csv"])
        #expect(named == .finished(status: 0), "\(named)")
        #expect(try elsewhere.read("other.lua") == "a\n1\n2\n")
    }

    @Test(arguments: ["hidden.db", "HIDDEN.DB", "hidden.db.", "sub/x.lock", "sub/X.LOCK", "link.db", "alias.db"])
    func aReservedFileIsReachedByNoCall(_ name: String) async throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path + "/sub", 0o755)
        try folder.write("sub/x.lock", "lock")
        try folder.write("hidden.db", "hidden")
        try folder.write("sub/free.txt", "free")
        symlink("hidden.db", folder.path + "/link.db")
        link(folder.path + "/sub/x.lock", folder.path + "/alias.db")
        let reserved = ReservedFiles(
            [folder.path + "/hidden.db"], folders: [ReservedFiles.Folder(folder.path + "/sub", suffix: ".lock")])
        let isThere = access(folder.path + "/" + name, F_OK) == 0
        let script = """
            \(isThere ? "each('belongs to paylink itself', readers)" : "")
            each('belongs to paylink itself', writers)
            assert(io.open('DIR/sub/free.txt', 'a'))
            """
        let result = try await run("DIR/" + name, script, in: folder, writable: [folder.path], reserved: reserved)
        #expect(result == .finished(status: 0), "\(name): \(result)")
        #expect(try folder.read("hidden.db") == "hidden" && folder.read("sub/x.lock") == "lock")
    }

    /// In folders that are yet to be made, and by every name of the folder.
    @Test func aPlaceIsReservedBeforeItsFolderIsThere() throws {
        let folder = try TemporaryFolder()
        mkdir(folder.path + "/real", 0o755)
        symlink("real", folder.path + "/home")
        let real = try #require(RealPath.resolve(folder.path))
        let reserved = ReservedFiles(
            [folder.path + "/home/.config/paylink/config.toml"],
            folders: [ReservedFiles.Folder(folder.path + "/home/state/untrusted")])
        let below = ["/real/.config/paylink/config.toml", "/real/state/untrusted/a.db", "/real/state/untrusted/b/c"]
        for path in below { #expect(reserved.contains(real + path, nil), "\(path)") }
        let free = ["/real/.config/paylink/other.toml", "/real/state/untrusted", "/real/state/untrusted2/x"]
        for path in free { #expect(!reserved.contains(real + path, nil), "\(path)") }
    }
}
