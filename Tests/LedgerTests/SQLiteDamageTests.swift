// Files that are no ledger, or no longer a whole one: an error that says so, never a crash and never a wrong answer.

import GRDB
import OneShotPay
import Testing

@testable import Ledger

@Suite struct SQLiteDamageTests {
    private func openError(_ ground: LedgerGround) -> LedgerError? {
        #expect(throws: LedgerError.self) { try ground.sqlite() }
    }

    @Test(arguments: [
        Array("{\"links\": []}\n".utf8), [UInt8](repeating: 0xA5, count: 8_192), Array("SQLite format 3\u{0}".utf8),
    ])
    func refusesWhatIsNoDatabase(bytes: [UInt8]) throws {
        let ground = LedgerGround()
        try Bytes.write(bytes, to: ground.path)
        let error = openError(ground)
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(ground.path) == true)
        #expect(try Bytes.read(ground.path) == bytes, "it was left as it is")
    }

    @Test(arguments: [0, 0x1234_5678])
    func refusesTheDatabaseOfAnotherApplication(applicationID: Int) throws {
        let ground = LedgerGround()
        let other = try DatabaseQueue(path: ground.path)
        try other.inDatabase { database in
            try database.execute(sql: "PRAGMA application_id = \(applicationID); CREATE TABLE photos (id INTEGER)")
        }
        try other.close()
        let before = try Bytes.read(ground.path)
        let error = openError(ground)
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("another application") == true)
        #expect(try Bytes.read(ground.path) == before)
    }

    @Test func refusesALedgerOfANewerPaylink() throws {
        let ground = LedgerGround()
        try ground.sqlite().close()
        let newer = try DatabaseQueue(path: ground.path)
        try newer.inDatabase { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 from the future')") }
        try newer.close()
        let error = openError(ground)
        #expect(error?.code == .newer)
        #expect(error?.message.contains(ground.path) == true)
    }

    @Test func finishesAMigrationThatWasCutOff() throws {
        let ground = LedgerGround()
        let begun = try DatabaseQueue(path: ground.path)
        try begun.inDatabase { try $0.execute(sql: "PRAGMA application_id = \(LedgerOpening.applicationID)") }
        try LedgerMigrations.all.migrate(begun, upTo: "0001 scopes and runs")
        try begun.close()
        try ground.sqlite().grant()
    }

    @Test func namesAFileThatWasCutShort() throws {
        let ground = try grown()
        let bytes = try Bytes.read(ground.path)
        for size in [1, 100, 4_096, bytes.count / 2, bytes.count - 4_096] {
            try Bytes.write(Array(bytes[..<size]), to: ground.path)
            let error = #expect(throws: LedgerError.self, "cut to \(size)") { try use(ground) }
            #expect(error?.code == .corrupt, "\(size): \(error?.message ?? "")")
            #expect(error?.message.contains(ground.path) == true)
        }
    }

    @Test func neverCrashesOverFlippedBytes() throws {
        let ground = try grown()
        let bytes = try Bytes.read(ground.path)
        var found = 0
        // Every page, at places that the structure and the content pass through.
        for offset in stride(from: 0, to: bytes.count, by: 1_361) {
            var damaged = bytes
            for index in offset..<min(offset + 8, bytes.count) { damaged[index] ^= 0xFF }
            try Bytes.write(damaged, to: ground.path)
            do { try use(ground) } catch let error as LedgerError {
                found += 1
                #expect([.corrupt, .failed, .newer].contains(error.code), "\(offset): \(error)")
                #expect(error.message.contains(ground.path))
            }
        }
        #expect(found > 5, "SQLite finds damage where it looks at the structure")
    }

    @Test func namesAColumnThatCannotBeRead() throws {
        let ground = try grown()
        let other = try DatabaseQueue(path: ground.path)
        try other.inDatabase { try $0.execute(sql: "UPDATE links SET link = '{' WHERE id = 7") }
        try other.close()
        let error = #expect(throws: LedgerError.self) { try use(ground) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("row 7") == true)
    }

    /// A ledger of some pages, closed, so that all is in the one file.
    private func grown() throws -> LedgerGround {
        let ground = LedgerGround()
        let store = try ground.sqlite()
        for index in 0..<120 {
            let row = try store.grant(Sample.claim("order-\(index)"))
            if index % 10 > 0 { #expect(try store.finish(row, .done(try Sample.link(), possibleOrphans: 0))) }
        }
        store.close()
        return ground
    }

    private func use(_ ground: LedgerGround) throws {
        let store = try ground.sqlite()
        defer { store.close() }
        _ = try store.links(LinkQuery())
        _ = try store.perform((0..<120).map { .claim(Sample.claim("order-\($0)")) })
        _ = try store.perform((0..<20).map { .claim(Sample.claim("new-\($0)")) })
    }
}
