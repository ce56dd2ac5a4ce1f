// Every term of a link is a column, and a result of a mapping: both are made from the one table of terms.

import Batch
import CSV
import NIOPosix
import OneShotPay
import Recorder
import Scripting
import TestSupport
import Testing

@Suite struct TermTests {
    /// A cell, what a script would give instead, and what both mean.
    private static func example(_ kind: LinkTermKind) -> (cell: String, lua: String, value: LinkTermValue) {
        let payer = "123e4567-e89b-12d3-a456-426614174000"
        switch kind {
        case .amount: return ("7.25", "paylink.usd('7.25')", .amount(Money(microUSDC: 7_250_000)))
        case .text: return ("Zoë", "'Zoë'", .text("Zoë"))
        case .address: return ("https://example.com/a", "'https://example.com/a'", .text("https://example.com/a"))
        case .flag: return ("yes", "true", .flag(true))
        case .duration: return ("90m", "5400", .duration(.seconds(5400)))
        case .moment: return ("2100-01-01T00:00:00Z", "4102444800", .moment(4_102_444_800))
        case .user: return (payer, "'\(payer)'", UserID(payer).map { .user($0) } ?? .text(""))
        case .locale: return ("tr", "'tr'", .locale(.turkish))
        }
    }

    private static let names = LinkOrder.terms.map(\.name.description)

    /// The required terms, and one more or in place of one of them.
    private func cells(_ name: String, _ value: String, _ required: (String, String)) -> [(String, String)] {
        var cells = [("key", required.0), ("amount", "1"), ("description", required.1)]
        cells.removeAll { $0.0 == name }
        return cells + [(name, value)]
    }

    @Test(arguments: names) func isAColumn(_ name: String) throws {
        let term = try #require(LinkOrder.terms.first { $0.name.description == name })
        let (cell, _, value) = Self.example(term.kind)
        let cells = cells(name, cell, ("a", "Mug"))
        var table = CSVTableWriter()
        table.header(cells.map(\.0))
        table.row(cells.map(\.1))
        let plan = try Fixture(String(decoding: table.bytes, as: UTF8.self)).check()
        #expect(plan.problems.isEmpty)
        #expect(term.read(try #require(plan.sample.first)) == value)
        // What is kept of it until it is made is the same.
        let entry = try #require(try plan.orders.reader().next())
        #expect(LinkOrder(terms: entry.text, key: entry.key) == plan.sample.first)
    }

    @Test(arguments: names) func isAResultOfAMapping(_ name: String) throws {
        let term = try #require(LinkOrder.terms.first { $0.name.description == name })
        let (_, lua, value) = Self.example(term.kind)
        let options = cells(name, lua, ("row.id", "'Mug'")).map { "\($0) = \($1)" }.joined(separator: ", ")
        let fixture = try Fixture("id\na\n", isMapped: true)
        let script = "return function(row) return { \(options) } end"
        let mapping = RowMapping(
            ScriptSource(text: Array(script.utf8), name: "map.lua"), options: ScriptOptions(),
            on: MultiThreadedEventLoopGroup.singleton.next(), log: { _ in })
        let table = try mapping.run(fixture.input, delimiter: .comma, folders: [fixture.folder.path]) { _ in }
        let plan = try fixture.mapped(table).check()
        #expect(plan.problems.isEmpty)
        #expect(term.read(try #require(plan.sample.first)) == value)
    }
}
