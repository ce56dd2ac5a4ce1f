// Files of paylink itself: out of a script's reach even where it may write the folder, there or not there yet.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct ReservedFileTests {
    /// A home, a folder of work, and settings elsewhere that name a ledger and secrets in several ways.
    private struct Fixture {
        let folder: TemporaryFolder
        static let folders = [
            "work", "home", "home/.config", "home/.config/paylink", "home/.local", "home/.local/state",
            "home/.local/state/paylink", "home/.local/state/paylink/untrusted", "xdg", "xdg/paylink", "own", "bin",
            "state", "state/untrusted", "state/jobs", "credentials", "other",
        ]

        init() throws {
            folder = try TemporaryFolder()
            for name in Self.folders {
                try FileManager.default.createDirectory(
                    atPath: folder.path + "/" + name, withIntermediateDirectories: true)
            }
            try folder.write(
                "own/own.toml",
                """
                user_id = "u"
                token = { file = "token" }
                ledger = "../state/ledger.db"
                ca_file = "ca.pem"
                [secrets]
                SHOWN = { command = ["../bin/show", "\(folder.path)/own/shown.txt"] }
                [profile.other]
                token = { file = "other-token" }

                """, mode: 0o600)
            for name in ["token", "other-token"] { try folder.write("own/" + name, "kept", mode: 0o600) }
            for name in ["bin/show", "own/ca.pem", "own/shown.txt"] { try folder.write(name, "kept", mode: 0o755) }
        }

        /// - Parameter options: where the settings are.
        func run(_ code: String, _ paths: [String], _ options: [String], _ more: [String: String]) async throws
            -> Outcome
        {
            let script = try folder.write("work/script.lua", code)
            let writable = Self.folders.map { "--allow-write=\(folder.path)/\($0)" }
            return try await PaylinkProcess.run(
                ["run"] + options + writable + [script] + paths.map { folder.path + "/" + $0 },
                environment: [
                    "HOME": folder.path + "/home", "CREDENTIALS_DIRECTORY": folder.path + "/credentials",
                    "PAYLINK_LEDGER": "",
                ].merging(more) { $1 }, directory: folder.path + "/work")
        }
    }

    private static let ways = """
        local FREE = arg[0]:gsub("script.lua$", "free.txt")
        local function refused(path, what, ok, err)
          err = type(err) == "table" and err.message or err
          if ok or not tostring(err):find("belongs to paylink itself", 1, true) then
            print(path .. ": " .. what .. ": " .. tostring(err))
          end
        end
        for _, path in ipairs(arg) do
          local f = assert(io.open(FREE, "w")) f:close()
          for _, mode in ipairs{ "w", "a", "r+", "w+", "a+" } do refused(path, mode, io.open(path, mode)) end
          refused(path, "remove", os.remove(path))
          refused(path, "rename", os.rename(path, FREE .. ".moved"))
          refused(path, "replace", os.rename(FREE, path))
          refused(path, "writer", csv.writer(path, { "a" }))
          refused(path, "append", csv.append(path, { a = 1 }, { columns = { "a" } }))
          local f, err, number = io.open(path)
          if number ~= 2 then refused(path, "read", f, err) refused(path, "rows", csv.rows(path)) end
        end
        """

    private static let always = [
        "work/paylink.toml", "work/Paylink.TOML", "home/.config/paylink/config.toml",
        "home/.config/paylink/CONFIG.toml", "home/.local/state/paylink/ledger.db",
        "home/.local/state/paylink/ledger.db-wal", "home/.local/state/paylink/untrusted/a-0123.db",
        "credentials/oneshot_api_token", "credentials/any",
    ]
    private static let named = [
        "own/own.toml", "own/token", "own/other-token", "own/shown.txt", "own/ca.pem", "bin/show", "state/ledger.db",
        "state/ledger.db-wal", "state/ledger.db-shm", "state/ledger.db-journal", "state/ledger.db.runs",
        "state/untrusted/mug-lua-0123456789abcdef.db", "state/untrusted/x.db-wal", "state/jobs/nightly.lock",
    ]

    @Test(arguments: ["--config", "PAYLINK_CONFIG", "XDG_CONFIG_HOME", "--sandbox"])
    func noScriptReachesThem(_ way: String) async throws {
        let fixture = try Fixture()
        let own = fixture.folder.path + "/own/own.toml"
        var options: [String] = [], more: [String: String] = [:]
        var paths = Self.always
        switch way {
        case "--config": options = ["--config", own]
        case "PAYLINK_CONFIG": more[way] = own
        case "--sandbox": options = ["--sandbox", "--config", own]
        default:
            more[way] = fixture.folder.path + "/xdg"
            paths.append("xdg/paylink/config.toml")
        }
        if way != "XDG_CONFIG_HOME" { paths += Self.named }
        let outcome = try await fixture.run(Self.ways, paths, options, more)
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
        for name in ["token", "other-token", "ca.pem", "shown.txt"] {
            #expect(try String(contentsOfFile: fixture.folder.path + "/own/" + name, encoding: .utf8) == "kept")
        }
        for name in ["work/paylink.toml", "home/.config/paylink/config.toml", "state/jobs/nightly.lock"] {
            #expect(!FileManager.default.fileExists(atPath: fixture.folder.path + "/" + name), "\(name)")
        }
    }

    /// A ledger that a link leads to: the link, the ledger, and what lies beside each.
    @Test func aLinkToALedgerIsReservedWithWhatItLeadsTo() async throws {
        let fixture = try Fixture()
        let ledger = try fixture.folder.write("state/ledger.db", "kept"), link = fixture.folder.path + "/other/link.db"
        symlink("../state/ledger.db", link)
        let paths = [
            "other/link.db", "state/ledger.db", "state/ledger.db-wal", "state/jobs/nightly.lock",
            "other/untrusted/x-0.db",
        ]
        mkdir(fixture.folder.path + "/other/untrusted", 0o700)
        let outcome = try await fixture.run(Self.ways, paths, [], ["PAYLINK_LEDGER": link])
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
        #expect(try String(contentsOfFile: ledger, encoding: .utf8) == "kept")
    }

    /// Passwords and keys for the ledger's server.
    @Test func filesThatAServersAddressNamesAreReserved() async throws {
        let fixture = try Fixture()
        let own = fixture.folder.path + "/own"
        for name in ["pgpass", "client key"] { try fixture.folder.write("own/" + name, "kept", mode: 0o600) }
        let address =
            "postgres://u@127.0.0.1:1/shop?passfile=\(own)/pgpass&sslkey=\(own)/client%20key&sslrootcert=\(own)/ca.pem"
        let outcome = try await fixture.run(
            Self.ways, ["own/pgpass", "own/client key", "own/ca.pem"], [], ["PAYLINK_LEDGER": address])
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome)")
    }

    /// Neither may a script that can write where paylink is installed become the next paylink.
    @Test func paylinkItselfIsOutOfReach() async throws {
        let program = try PaylinkProcess.located.get()
        let folder = String(program[..<(program.lastIndex(of: "/") ?? program.startIndex)])
        let code = """
            for _, name in ipairs{ "paylink", "paylink-script" } do
              local file, message = io.open(arg[1] .. "/" .. name, "r")
              assert(not file and message:find("belongs to paylink itself", 1, true), message)
            end
            assert(select(2, io.open(arg[1] .. "/another", "r")):find("No such file", 1, true))
            """
        let outcome = try await PaylinkProcess.run(
            ["run", "--allow-read", folder, "-e", code, folder], environment: [:])
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// What lies beside them is the script's as far as it may write there.
    @Test func theirNeighboursAreFree() async throws {
        let fixture = try Fixture()
        let code = """
            for _, path in ipairs(arg) do assert(assert(io.open(path, "w")):close()) assert(os.remove(path)) end
            """
        let paths = [
            "own/free.txt", "state/jobs/list.csv", "state/ledger.db.old", "other/paylink.toml", "work/own.toml",
        ]
        let outcome = try await fixture.run(code, paths, ["--config", fixture.folder.path + "/own/own.toml"], [:])
        #expect(outcome.status == 0, "\(outcome)")
    }

    /// A mapping reads what lies beside it, but nothing of these.
    @Test func noMappingReadsThem() async throws {
        let fixture = try await BatchFixture.start(), folder = fixture.folder.path
        try fixture.folder.write("token", SandboxProcess.token, mode: 0o600)
        try fixture.folder.write("free.txt", "free")
        try fixture.folder.write("paylink.toml", "token = { file = \"token\" }\n")
        try fixture.folder.write("orders.csv", "id\n1\n")
        try fixture.folder.write(
            "map.lua",
            """
            assert(io.open("\(folder)/free.txt"):read("a") == "free")
            for _, name in ipairs{ "token", "paylink.toml", "ledger.db" } do
              local f, err = io.open("\(folder)/" .. name)
              assert(not f, name)
              if name ~= "ledger.db" then assert(err:find("belongs to paylink itself", 1, true), err) end
            end
            return function(row) return { key = row.id, amount = 1, description = "Mug" } end
            """)
        let outcome = try await fixture.batch(["orders.csv", "--map", "map.lua"])
        #expect(outcome.status == 0, "\(outcome)")
    }
}
