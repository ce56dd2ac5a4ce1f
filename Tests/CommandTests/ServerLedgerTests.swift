// The ledger on a PostgreSQL server, as commands see it: set up, used by many at once, refused with a reason.

import Foundation
import TestSupport
import Testing

/// A database with a ledger in it, and commands that use it.
struct ServerLedger {
    let server: DatabaseServer
    let database: String
    var address: String { server.address(database) }
    var environment: [String: String] { ["PAYLINK_LEDGER": address] }

    static func make() async throws -> ServerLedger {
        let server = try DatabaseServer.shared.get()
        let made = ServerLedger(server: server, database: try server.makeDatabase())
        let outcome = try await PaylinkProcess.run(["ledger", "init", "--ledger", made.address])
        guard outcome.status == 0 else { throw ChildProcessFailure(description: "\(outcome)") }
        return made
    }
}

/// One after the other: each has many processes of its own.
@Suite(.serialized) struct ServerLedgerTests {
    @Test func aNewLedgerIsMadeOnceAndEveryCommandUsesIt() async throws {
        let server = try DatabaseServer.shared.get()
        let ledger = ServerLedger(server: server, database: try server.makeDatabase())
        let sandbox = try await SandboxProcess.start()
        let create = ["create", "--key", "order-1", "--amount", "12.50", "--description", "Blue mug"]
        let before = try await sandbox.run(create, ledger.environment)
        #expect(before.status == 78, "\(before)")
        #expect(before.errors.contains("there is no ledger in this database: paylink ledger init makes it so"))
        #expect(try await sandbox.creations().isEmpty)

        for expected in ["is there now", "was there already"] {
            let outcome = try await PaylinkProcess.run(["ledger", "init", "--ledger", ledger.address])
            #expect(outcome.status == 0 && outcome.errors.contains(expected), "\(outcome)")
        }
        #expect(try await sandbox.run(create, ledger.environment).status == 0)
        #expect(try await sandbox.run(create, ledger.environment).status == 0)
        #expect(try await sandbox.creations().count == 1)
        for (arguments, word) in [
            (["ledger", "list", "--all"], "order-1"), (["ledger", "show", "order-1"], "link_id"),
            (["ledger", "export", "--json"], "\"order-1\""), (["ledger", "export", "--totals", "--json"], "12.5"),
            (["doctor"], "PostgreSQL 15"), (["ledger", "sync"], "1 open link"),
        ] {
            let outcome = try await sandbox.run(arguments, ledger.environment)
            #expect(outcome.output.contains(word), "\(arguments): \(outcome)")
        }
        let doctor = try await sandbox.run(["doctor"], ledger.environment)
        // The tests' server does not wait for its disk.
        #expect(doctor.output.contains("has fsync off"), "\(doctor)")
        let backup = try await sandbox.run(["ledger", "backup", "/tmp/nowhere.db"], ledger.environment)
        #expect(backup.status == 64 && backup.errors.contains("docs/postgresql.md"), "\(backup)")
    }

    @Test func whatCannotBeUsedIsNamedWithWhatToDo() async throws {
        let server = try DatabaseServer.shared.get()
        let sandbox = try await SandboxProcess.start()
        let bare = try server.makeDatabase()
        let latin = try server.makeDatabase("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
        let foreign = try server.makeDatabase()
        try server.execute("CREATE SCHEMA paylink", in: foreign)
        let newer = try await ServerLedger.make()
        try server.execute("COMMENT ON SCHEMA paylink IS 'ledger of pay links 99'", in: newer.database)
        let ours = try await ServerLedger.make()
        let folder = try TemporaryFolder()
        let fake = try await Receiver.start("database", in: folder)
        let strangers = try Certificates(name: "localhost")
        let role = "stranger_\(getpid())"
        try server.execute("CREATE ROLE \(role) LOGIN", in: ours.database)
        for (address, status, words) in [
            ("postgres://u@127.0.0.1:1/shop", 74, ["127.0.0.1:1"]),
            ("postgres://u@nowhere.invalid/shop", 74, ["there is no host of this name"]),
            ("postgres://u@127.0.0.1:\(fake.port)/shop?sslmode=disable", 78, ["PostgreSQL 14", "15 is needed"]),
            (
                "postgres://u@127.0.0.1:\(fake.port)/shop?sslmode=verify-full&sslrootcert=\(strangers.authority)", 78,
                ["certificate verify failed"]
            ),
            (server.address("nobody_made_it"), 78, ["does not exist"]),
            (server.address(bare).replacingOccurrences(of: "postgres@", with: "nobody@"), 78, ["nobody"]),
            (server.address(bare), 78, ["paylink ledger init"]),
            (server.address(latin), 78, ["LATIN1", "UTF8"]),
            (server.address(foreign), 78, ["none of ours"]),
            (newer.address, 74, ["newer paylink"]),
            (ours.address.replacingOccurrences(of: "postgres@", with: "\(role)@"), 78, ["permission denied"]),
            (server.address(bare) + "&sslmod=require", 78, ["none that PostgreSQL knows"]),
            ("postgres://u:hunter2@h/shop", 78, ["PGPASSFILE"]),
            ("mysql://u@h/shop", 78, ["postgres://"]),
            ("postgress://u:hunter2@h/shop", 78, ["postgres://"]),
        ] as [(String, Int32, [String])] {
            let outcome = try await sandbox.run(
                ["create", "--key", "k", "--amount", "1", "--description", "Tea"], ["PAYLINK_LEDGER": address])
            #expect(outcome.status == status, "\(address): \(outcome)")
            for word in words { #expect(outcome.errors.contains(word), "\(address): \(outcome.errors)") }
            #expect(!outcome.errors.contains("hunter2"))
        }
        #expect(try await sandbox.creations().isEmpty)
        withExtendedLifetime(strangers) {}
    }

    /// A role that may only change rows.
    @Test func aRoleWithoutTheRightToMakeTablesSuffices() async throws {
        let ledger = try await ServerLedger.make()
        let role = "clerk_\(getpid())"
        try ledger.server.execute(
            """
            CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA paylink TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA paylink TO \(role);
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA paylink TO \(role)
            """, in: ledger.database)
        let sandbox = try await SandboxProcess.start()
        let address = ledger.address.replacingOccurrences(of: "postgres@", with: "\(role)@")
        let code = """
            local link = assert(paylink.create{ key = "k", amount = 1, description = "Tea" })
            print(paylink.once("ship", function() return "shipped" end), paylink.find("k").id == link.id)
            """
        let outcome = try await sandbox.run(["run", "-e", code], ["PAYLINK_LEDGER": address])
        #expect(
            outcome.status == 0 && outcome.output.contains("shipped") && outcome.output.contains("true"), "\(outcome)")
        let job = try await sandbox.run(["run", "--job", "daily", "-e", "print(1)"], ["PAYLINK_LEDGER": address])
        #expect(job.status == 0, "\(job)")
    }

    @Test func thePasswordIsSeenByNoScriptAndNoProgram() async throws {
        let ledger = try await ServerLedger.make()
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        try folder.write(
            "paylink.toml",
            "ledger = \"\(ledger.address)\"\nledger_password = { env = \"LEDGER_PASSWORD\" }\n[allow]\nrun = [\"env\"]\n"
                .utf8)
        let script = try folder.write(
            "look.lua",
            """
            print(paylink.find("k"))
            print(os.getenv("PGPASSWORD"), os.getenv("LEDGER_PASSWORD"))
            print(assert(program.run{ "env" }).output)
            """.utf8)
        for name in ["PGPASSWORD", "LEDGER_PASSWORD"] {
            let outcome = try await sandbox.run(
                ["run", "--allow-env=PGPASSWORD,LEDGER_PASSWORD", script],
                ["LEDGER_PASSWORD": "hunter1"].merging([name: "hunter2"]) { $1 })
            #expect(!outcome.output.contains("hunter") && !outcome.errors.contains("hunter"), "\(outcome)")
        }
    }

    @Test func manyHostsRunASlotOnceAndSayWhere() async throws {
        let ledger = try await ServerLedger.make()
        var environment = ledger.environment
        environment["PAYLINK_TEST_NOW"] = String(JobFixture.noon)
        let arguments = [
            "run", "--job", "daily", "--schedule", "0 * * * *", "--zone", "UTC", "-e", "sleep(0.3) print('ran')",
        ]
        let children = try (0..<6).map { _ in try PaylinkProcess.start(arguments, environment: environment) }
        for child in children {
            let outcome = try await child.finish()
            #expect(outcome.status == 0, "\(outcome)")
        }
        let runs = try await PaylinkProcess.run(["runs", "--json"], environment: ledger.environment).lines
            .map { try JSON(parsing: $0) }
        let made = runs.filter { $0["outcome"]?.string == "ran" }
        #expect(made.count == 1)
        #expect(made.first?["host"]?.string?.isEmpty == false)
        // Cut off, it is found so by another host, and the next slot is run there.
        let killed = try PaylinkProcess.start(
            ["run", "--job", "weekly", "-e", "sleep(60)"], environment: ledger.environment)
        for _ in 0..<200 {
            let list = try await PaylinkProcess.run(
                ["runs", "--json", "--job", "weekly"], environment: ledger.environment)
            if list.output.contains("running") { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let busy = try await PaylinkProcess.run(
            ["run", "--job", "weekly", "--when-busy", "fail", "-e", "print(1)"], environment: ledger.environment)
        #expect(busy.status == 75 && busy.errors.contains("still goes on"), "\(busy)")
        killed.send(SIGKILL)
        _ = try await killed.finish()
        let next = try await PaylinkProcess.run(
            ["run", "--job", "weekly", "--when-busy", "wait", "-e", "print(1)"], environment: ledger.environment)
        #expect(next.status == 0 && next.errors.contains("was cut off"), "\(next)")
    }

    @Test func batchesOfOneFileShareItsRows() async throws {
        let ledger = try await ServerLedger.make()
        let sandbox = try await SandboxProcess.start()
        try await sandbox.addFault(#"{"endpoint": "create", "action": "latency", "seconds": 0.05}"#)
        let folder = try TemporaryFolder()
        let rows = 300
        let table = (1...rows).map { "order-\($0),\($0).25,Mug\n" }.joined()
        let input = try folder.write("orders.csv", ("order_id,amount,description\n" + table).utf8)
        let children = try (0..<3).map { host in
            try sandbox.start(
                ["batch", input, "--out", "\(folder.path)/links-\(host).csv", "--concurrency", "8", "--json"],
                ledger.environment, limit: .seconds(120))
        }
        for child in children {
            let outcome = try await child.finish()
            #expect(outcome.status == 0, "\(outcome)")
        }
        let results = try Set(
            (0..<3).map { try String(contentsOfFile: "\(folder.path)/links-\($0).csv", encoding: .utf8) })
        #expect(results.count == 1, "all have the same links")
        #expect(results.first?.split(separator: "\n").count == rows + 1)
        #expect(try await sandbox.creations().count == rows)
        let makers = try ledger.server.query(
            "SELECT count(*) FROM paylink.links GROUP BY run_id ORDER BY 1", in: ledger.database)
        #expect(makers.count == 3 && makers.allSatisfy { (Int($0) ?? 0) > rows / 10 }, "\(makers)")
    }

    @Test func twoWatchesFollowEachLinkUpOnceAndOneTakesOverWhereTheOtherIsKilled() async throws {
        let ledger = try await ServerLedger.make()
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let script = try folder.write(
            "follow.lua",
            #"paylink.on("paid", function(link) print("paid " .. link.key) return true end, { name = "tell" }) print("begun")"#
                .utf8)
        var environment = ledger.environment
        environment["PAYLINK_POLL_RATE"] = "200"
        var watches = try (0..<2).map { _ in try sandbox.start(["watch", script], environment, limit: .seconds(90)) }
        for watch in watches { _ = try await watch.line { $0 == "begun" } }
        let code = """
            for i = 1, 40 do print(assert(paylink.create{ key = "order-" .. i, amount = i, description = "Order" }).id) end
            """
        let ids = try await sandbox.run(["run", "-e", code], environment).lines
        #expect(ids.count == 40)
        for id in ids.prefix(20) { try await sandbox.pay(id) }
        func told(_ outputs: [String]) -> [String] {
            outputs.flatMap { $0.split(separator: "\n").map(String.init) }.filter { $0.hasPrefix("paid ") }.sorted()
        }
        func done() throws -> Int {
            Int(
                try ledger.server.query(
                    "SELECT count(*) FROM paylink.effects WHERE state = 'done'", in: ledger.database
                )
                .first ?? "") ?? 0
        }
        func until(_ count: Int) async throws {
            for _ in 0..<300 {
                if try done() >= count { return }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        try await until(20)
        let killed = watches.removeFirst()
        killed.send(SIGKILL)
        let first = try await killed.finish()
        for id in ids.dropFirst(20) { try await sandbox.pay(id) }
        try await until(40)
        watches[0].send(SIGINT)
        let second = try await watches[0].finish()
        let all = told([first.output, second.output])
        #expect(all == (1...40).map { "paid order-\($0)" }.sorted(), "\(all)")
    }

    @Test func aLedgerMovesFromAFileToAServer() async throws {
        let ledger = try await ServerLedger.make()
        let sandbox = try await SandboxProcess.start()
        let folder = try TemporaryFolder()
        let file = folder.path + "/ledger.db"
        let create = ["create", "--key", "order-1", "--amount", "12.50", "--description", "Blue mug", "--json"]
        let made = try JSON(parsing: try await sandbox.run(create, ["PAYLINK_LEDGER": file]).output)
        let copied = try await PaylinkProcess.run(["ledger", "copy", file, ledger.address, "--json"])
        #expect(copied.status == 0, "\(copied)")
        #expect(try JSON(parsing: copied.output)["rows"]?["links"]?.integer == 1)
        let again = try JSON(parsing: try await sandbox.run(create, ledger.environment).output)
        #expect(again["id"]?.string == made["id"]?.string)
        #expect(try await sandbox.creations().count == 1)
        let back = try await PaylinkProcess.run(["ledger", "copy", ledger.address, folder.path + "/back.db"])
        #expect(back.status == 0 && back.output.contains("1 links"), "\(back)")
        let other = ["create", "--key", "order-2", "--amount", "1", "--description", "Tea"]
        #expect(try await sandbox.run(other, ["PAYLINK_LEDGER": file]).status == 0)
        let mixed = try await PaylinkProcess.run(["ledger", "copy", ledger.address, file])
        #expect(mixed.status == 74 && mixed.errors.contains("other rows"), "\(mixed)")
    }
}
