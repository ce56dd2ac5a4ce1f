// Copies of a ledger that is in use.

import Glibc
import OneShotPay
import Testing

@testable import Ledger

@Suite struct SQLiteBackupTests {
    @Test func copiesALedgerWhileItsRunsLive() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        #expect(try store.finish(try store.grant(Sample.claim("a")), .done(try Sample.link(), possibleOrphans: 0)))
        try store.grant(Sample.claim("b"))
        let copy = fixture.scratch.file("copy.db")
        try fixture.sqlite(nil).backup(to: copy)
        try store.grant(Sample.claim("c"))

        var status = stat()
        #expect(stat(copy, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let restored = try SQLiteLedger(
            path: copy, scope: LedgerFixture.scope, run: RunDescription(command: "test"), options: fixture.options)
        #expect(try restored.links(LinkQuery()).map(\.key) == ["a", "b"])
        guard case .recorded = try restored.claim(Sample.claim("a")) else { throw UnexpectedAnswer() }
        #expect(try restored.doubtful() == ["b"], "no run is alive in a copy")
        try restored.grant(Sample.claim("b"), orphans: 1)
    }

    @Test func neverOverwritesAFile() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        try store.grant()
        let copy = fixture.scratch.file("copy.db")
        try Bytes.write([1, 2, 3], to: copy)
        for target in [copy, fixture.path] {
            let error = #expect(throws: LedgerError.self) { try store.backup(to: target) }
            #expect(error?.message.contains("\(target) exists already") == true)
        }
        #expect(try Bytes.read(copy) == [1, 2, 3])
    }

    @Test func leavesNothingBehindWhenItFails() throws {
        let fixture = LedgerFixture()
        let store = try fixture.sqlite()
        try store.grant()
        store.close()
        #expect(throws: LedgerError.self) { try store.backup(to: fixture.scratch.file("copy.db")) }
        #expect(throws: LedgerError.self) { try store.backup(to: "/proc/copy.db") }
        #expect(Directory.names(fixture.scratch.path).sorted() == ["ledger.db", "ledger.db.runs"])
    }
}

enum Directory {
    static func names(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
