// Files that are no ledger, or no longer a whole one: an error that says so, never a crash and never a wrong answer.

import OneShotPay
import TestSupport
import Testing

@testable import Ledger

@Suite struct SQLiteDamageTests {
    private func openError(_ fixture: LedgerFixture) -> LedgerError? {
        #expect(throws: LedgerError.self) { try fixture.sqlite() }
    }

    @Test(arguments: [
        Array("{\"links\": []}\n".utf8), [UInt8](repeating: 0xA5, count: 8_192), Array("SQLite format 3\u{0}".utf8),
    ])
    func refusesWhatIsNoDatabase(bytes: [UInt8]) throws {
        let fixture = LedgerFixture()
        try Bytes.write(bytes, to: fixture.path)
        let error = openError(fixture)
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains(fixture.path) == true)
        #expect(try Bytes.read(fixture.path) == bytes, "it was left as it is")
    }

    @Test(arguments: [0, 0x1234_5678])
    func refusesTheDatabaseOfAnotherApplication(applicationID: Int) throws {
        let fixture = LedgerFixture()
        try SQLiteFile.execute(
            "PRAGMA application_id = \(applicationID); CREATE TABLE photos (id INTEGER)", in: fixture.path)
        let before = try Bytes.read(fixture.path)
        let error = openError(fixture)
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("another application") == true)
        #expect(try Bytes.read(fixture.path) == before)
    }

    @Test func refusesALedgerOfANewerPaylink() throws {
        let fixture = LedgerFixture()
        try fixture.sqlite().close()
        try SQLiteFile.execute("INSERT INTO grdb_migrations VALUES ('9999 from the future')", in: fixture.path)
        let error = openError(fixture)
        #expect(error?.code == .newer)
        #expect(error?.message.contains(fixture.path) == true)
    }

    @Test func finishesAMigrationThatWasCutOff() throws {
        let fixture = LedgerFixture()
        let begun = try SQLiteDatabase(path: fixture.path, patience: Patience(.seconds(5)))
        try begun.execute("PRAGMA application_id = \(LedgerOpening.applicationID)")
        try LedgerMigration.migrate(begun, upTo: "0001 scopes and runs")
        begun.close()
        try fixture.sqlite().grant()
    }

    @Test func namesAFileThatWasCutShort() throws {
        let fixture = try grown()
        let bytes = try Bytes.read(fixture.path)
        for size in [1, 100, 4_096, bytes.count / 2, bytes.count - 4_096] {
            try Bytes.write(Array(bytes[..<size]), to: fixture.path)
            let error = #expect(throws: LedgerError.self, "cut to \(size)") { try use(fixture) }
            #expect(error?.code == .corrupt, "\(size): \(error?.message ?? "")")
            #expect(error?.message.contains(fixture.path) == true)
        }
    }

    @Test func neverCrashesOverFlippedBytes() throws {
        let fixture = try grown()
        let bytes = try Bytes.read(fixture.path)
        var found = 0
        // Every page, at places that the structure and the content pass through.
        for offset in stride(from: 0, to: bytes.count, by: 1_361) {
            var damaged = bytes
            for index in offset..<min(offset + 8, bytes.count) { damaged[index] ^= 0xFF }
            try Bytes.write(damaged, to: fixture.path)
            do { try use(fixture) } catch let error as LedgerError {
                found += 1
                #expect([.corrupt, .failed, .newer].contains(error.code), "\(offset): \(error)")
                #expect(error.message.contains(fixture.path))
            }
        }
        #expect(found > 5, "SQLite finds damage where it looks at the structure")
    }

    @Test func namesAColumnThatCannotBeRead() throws {
        let fixture = try grown()
        try SQLiteFile.execute("UPDATE links SET link = '{' WHERE id = 7", in: fixture.path)
        let error = #expect(throws: LedgerError.self) { try use(fixture) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("row 7") == true)
    }

    /// A ledger of some pages, closed, so that all is in the one file.
    private func grown() throws -> LedgerFixture {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        for index in 0..<120 {
            let row = try store.grant(Sample.claim("order-\(index)"))
            if index % 10 > 0 { #expect(try store.finish(row, .done(try Sample.link(), possibleOrphans: 0))) }
        }
        store.close()
        return fixture
    }

    private func use(_ fixture: LedgerFixture) throws {
        let store = try fixture.sqlite()
        defer { store.close() }
        _ = try store.links(LinkQuery())
        _ = try store.perform((0..<120).map { .claim(Sample.claim("order-\($0)")) })
        _ = try store.perform((0..<20).map { .claim(Sample.claim("new-\($0)")) })
    }
}
