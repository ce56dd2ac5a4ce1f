// Which columns mean what, and what is said when that cannot be known.

import Batch
import Testing

@Suite struct ColumnTests {
    static let finds: [([String], String?, Int)] = [
        (["key", "amount", "description"], nil, 0),
        (["amount", "description", "order_id"], nil, 2),
        (["amount", "id", "description"], nil, 1),
        (["reference", "amount", "description"], nil, 0),
        (["id", "order_id", "amount", "description"], "order_id", 1),
        (["Nummer", "amount", "description"], "Nummer", 0),
    ]

    @Test(arguments: finds) func findsTheKey(_ header: [String], _ named: String?, _ expected: Int) throws {
        var terms = BatchTerms()
        terms.keyColumn = named
        let columns = try BatchColumns(header: header, terms: terms)
        #expect(columns.key == expected)
        #expect(columns.header[columns.amount] == "amount")
    }

    static let refusals: [([String], BatchTerms, BatchError.Code, [String])] = [
        (
            ["number", "amount", "description"], BatchTerms(), .usage,
            ["--key", "\"number\", \"amount\", \"description\""]
        ),
        (["id", "key", "amount", "description"], BatchTerms(), .usage, ["any of \"key\", \"id\"", "--key"]),
        (["id", "amount", "description"], terms { $0.keyColumn = "no" }, .usage, ["\"no\"", "\"id\", \"amount\""]),
        (["id", "price", "description"], BatchTerms(), .usage, ["\"amount\"", "--amount", "\"price\""]),
        (["id", "amount"], BatchTerms(), .usage, ["--description \"Order {id}\""]),
        (["id", "amount"], terms { $0.description = "Order {nr}" }, .usage, ["\"nr\"", "\"id\", \"amount\""]),
        (["id", "amount", "paylink_url"], BatchTerms(), .badInput, ["\"paylink_url\"", "results of a batch"]),
    ]

    @Test(arguments: refusals) func saysWhichColumnsThereAre(
        _ header: [String], _ terms: BatchTerms, _ code: BatchError.Code, _ parts: [String]
    ) throws {
        let error = try failure { _ = try BatchColumns(header: header, terms: terms) }
        #expect(error.code == code)
        for part in parts { #expect(error.message.contains(part), "\(error.message)") }
    }

    @Test func takesOptionalColumnsWhereTheyAre() throws {
        let columns = try BatchColumns(
            header: ["id", "amount", "description", "payer", "expires_in", "locale"], terms: BatchTerms())
        #expect(columns.column(of: "payer") == 3)
        #expect(columns.column(of: "expires_in") == 4)
        #expect(columns.column(of: "locale") == 5)
        for absent in ["expires_at", "media_url", "reusable"] { #expect(columns.column(of: absent) == nil) }
    }

    private static func terms(_ change: (inout BatchTerms) -> Void) -> BatchTerms {
        var terms = BatchTerms()
        change(&terms)
        return terms
    }
}

@Suite struct DescriptionTemplateTests {
    static let cases = [
        ("Order {id}", "Order 7"), ("{id}", "7"), ("{name}: {id}/{id}", "Zoë: 7/7"), ("plain", "plain"),
        ("{{{id}}}", "{7}"), ("{{id}}", "{id}"), ("a }} b {{ c", "a } b { c"), ("{ id }", "7"), ("", ""),
        ("{empty}", ""), ("ü{name}ü", "üZoëü"),
    ]

    @Test(arguments: cases) func putsColumnsIn(_ template: String, _ expected: String) throws {
        let table = try records(of: "id,name,empty\n7,Zoë,\n")
        let parsed = try DescriptionTemplate(parsing: template, header: table.header)
        #expect(parsed.text(table.records, 0) == expected)
    }

    @Test(arguments: ["{", "Order {id", "}", "Order id}", "{no}", "{}", "{{id}", "{id}}"])
    func refusesWhatIsNoTemplate(_ template: String) throws {
        let error = try failure { _ = try DescriptionTemplate(parsing: template, header: ["id"]) }
        #expect(error.code == .usage)
        #expect(error.message.contains("\"\(template)\""))
    }
}
