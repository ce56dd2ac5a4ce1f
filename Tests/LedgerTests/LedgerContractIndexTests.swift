// The contract of every engine: whichever way links are found, they are the same and in the same order.

import OneShotPay
import TestSupport
import Testing

@testable import Ledger

@Suite struct LedgerContractIndexTests {
    private static let prefixes: [String?] = [nil, "", "a", "a-1", "A", "é", "\u{D7FF}", "\u{10FFFF}", "z%"]

    /// Links of every status under keys of many kinds.
    private func filled(_ engine: Engine) throws -> any LedgerStore {
        let fixture = LedgerFixture(engine)
        let store = try fixture.open()
        for (number, prefix) in (0..<60).map({ ($0, Self.prefixes[$0 % Self.prefixes.count]) }) {
            let link = try Seen(reusable: number.isMultiple(of: 7)).link
            let row = try store.grant(
                Sample.claim(prefix.map { "\($0)-\(number)" } ?? (number < 30 ? nil : "n-\(number)")))
            if number.isMultiple(of: 11) { continue }
            #expect(try store.finish(row, .done(link, possibleOrphans: 0)))
            let seen =
                switch number % 6 {
                case 0: try link.seen(1, payment: 1)
                case 1: try link.seen(1, payment: 1, received: 1)
                case 2: try link.seen(2)
                case 3: try link.seen(0, archived: true)
                case 4: try link.seen(link.reusable ? 0 : 7)
                default: link
                }
            _ = try store.perform([.observe(seen)])
        }
        let other = try fixture.open(LedgerFixture.neighbour)
        #expect(try other.finish(try other.grant(Sample.claim("a-1")), .done(try Seen().link, possibleOrphans: 0)))
        return store
    }

    @Test(arguments: Engine.allCases)
    func aFilterGivesWhatGoingThroughAllGives(engine: Engine) throws {
        let store = try filled(engine)
        var everything = LinkQuery()
        everything.scope = LedgerFixture.scope
        let all = try store.links(everything)
        #expect(all.count == 60)
        for prefix in Self.prefixes {
            for status in [nil] + LinkQuery.statuses.map(Optional.some) {
                let expected = all.filter { record in
                    guard status == nil || record.link?.shownStatus == status else { return false }
                    guard let prefix else { return true }
                    return record.key?.utf8.starts(with: prefix.utf8) ?? false
                }
                for (fewKeys, limit) in [(10_000, 500), (10_000, 2), (0, 500), (0, 2)] {
                    var query = everything
                    (query.keyPrefix, query.status, query.fewKeys, query.limit) = (prefix, status, fewKeys, limit)
                    var found: [LinkRecord] = []
                    while case let page = try store.links(query), let last = page.last {
                        found += page
                        query.after = last.row
                    }
                    #expect(found == expected, "\(prefix ?? "no prefix"), \(status ?? "no status"), few: \(fewKeys)")
                }
            }
        }
    }

    /// However large a ledger is, no statement that is asked often goes through a table.
    @Test func noStatementScansATable() throws {
        let fixture = LedgerFixture(.sqlite)
        try fixture.sqlite().close()
        let file = try SQLiteFile(fixture.path)
        for statement in LedgerSQL.allCases {
            if [.begin, .beginImmediate, .commit, .rollBack].contains(statement) { continue }
            let plan = try file.values("EXPLAIN QUERY PLAN " + statement.text, column: 3)
            let scans = plan.filter { step in
                ["SCAN links", "SCAN p", "SCAN payments", "SCAN e", "SCAN effects"].contains { step == $0 }
            }
            #expect(scans.isEmpty, "\(statement): \(plan)")
        }
    }

    @Test func linksAreFoundByTheIndexThatIsMeant() throws {
        let fixture = LedgerFixture(.sqlite)
        let store = try fixture.sqlite()
        _ = try store.grant(Sample.claim("order-1"))
        let file = try SQLiteFile(fixture.path)
        func plan(_ change: (inout LinkQuery) -> Void) throws -> String {
            var query = LinkQuery()
            query.scope = LedgerFixture.scope
            change(&query)
            let statement = try store.read { try query.statement(on: $0) }
            return try file.values("EXPLAIN QUERY PLAN " + statement, column: 3).joined(separator: "; ")
        }
        let byKey = try plan { $0.keyPrefix = "order-" }
        #expect(byKey.contains("links_by_key (scope_id=? AND key>? AND key<?)"), "\(byKey)")
        for (status, index) in [("active", "links_open"), ("paid", "links_by_status"), ("expired", "links_by_status")] {
            let found = try plan { $0.status = status }
            #expect(found.contains("INDEX \(index) (scope_id=?") && !found.contains("TEMP B-TREE"), "\(found)")
        }
        for change in [
            { _ in },
            {
                $0.keyPrefix = "order-"; $0.fewKeys = 0
            },
        ] as [(inout LinkQuery) -> Void] {
            let found = try plan(change)
            #expect(found.contains("SEARCH links USING INTEGER PRIMARY KEY (rowid>?)"), "\(found)")
        }
    }
}
