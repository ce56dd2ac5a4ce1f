// Tables and options that a batch refuses: everything is said at once, and nothing is sent.

import Foundation
import TestSupport
import Testing

@Suite struct BatchInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var table: String
        var options: [String] = []
        var status: Int32
        var says: [String]
        var testDescription: String { name }
    }

    static let good = "id,amount,description\na,1,Mug\nb,2,Cup\n"

    static let cases = [
        Case(
            name: "no key column", table: "number,amount,description\n1,1,Mug\n", status: 64,
            says: ["--key", "\"number\", \"amount\", \"description\""]),
        Case(
            name: "two key columns", table: "id,key,amount,description\n1,1,1,Mug\n", status: 64,
            says: ["any of \"key\", \"id\""]),
        Case(
            name: "a key column that is not there", table: good, options: ["--key", "nr"], status: 64,
            says: ["no column \"nr\"", "\"id\", \"amount\", \"description\""]),
        Case(
            name: "an unknown column in the template", table: good, options: ["--description", "Order {nr}"],
            status: 64, says: ["\"Order {nr}\"", "\"nr\"", "\"id\", \"amount\""]),
        Case(name: "no description", table: "id,amount\na,1\n", status: 64, says: ["--description \"Order {id}\""]),
        Case(name: "an empty file", table: "", status: 65, says: ["the file is empty"]),
        Case(
            name: "a header with faults", table: "id,id,amount\na,b,1\n", status: 65,
            says: ["column 2 is called \"id\""]),
        Case(
            name: "a results file", table: "id,amount,description,paylink_url\na,1,Mug,x\n", status: 65,
            says: ["\"paylink_url\"", "results of a batch"]),
        Case(
            name: "blank keys", table: "id,amount,description\n,1,Mug\n  ,1,Mug\n", status: 65,
            says: ["line 2, column \"id\": the key is empty", "line 3, column \"id\": the key is empty"]),
        Case(
            name: "duplicate keys", table: "id,amount,description\na,1,Mug\nb,1,Mug\na,2,Cup\n", status: 65,
            says: ["line 4, column \"id\": \"a\" is the key of line 2, too"]),
        Case(
            name: "a decimal comma", table: "id;amount;description\na;12,50;Mug\n", status: 65,
            says: ["line 2, column \"amount\": \"12,50\" has a comma"]),
        Case(
            name: "amounts with two readings", table: "id,amount,description\na,1.234,Mug\n", status: 65,
            says: ["line 2, column \"amount\": \"1.234\" may mean 1234 USD or 1.234 USD", "--decimal-point"]),
        Case(
            name: "keys that nobody can tell apart",
            table: "sep=,\nid,amount,description,\n1001\u{A0},1,Mug,\n,,,\n1.0E+11,1,Cup,\n",
            status: 65,
            says: ["line 3, column \"id\": key", "U+00A0 (no-break space)", "line 5, column \"id\": key \"1.0E+11\""]),
        Case(
            name: "thousands separators", table: "id;amount;description\na;1.234,50;Mug\n",
            options: ["--decimal-comma"],
            status: 65, says: ["line 2, column \"amount\": \"1.234,50\" has a dot"]),
        Case(
            name: "faults of the form", table: "id,amount,description\na,1\nb,1,\"Mug\" x\nc,1,Mug,,\n", status: 65,
            says: [
                "line 2, character 4: 2 fields", "line 3, character 10: text after", "line 4, character 9: 5 fields",
            ]),
        Case(
            name: "too many links", table: good, options: ["--max-links", "1"], status: 1,
            says: ["2 links would be made", "--max-links allows 1"]),
        Case(
            name: "too much money", table: good, options: ["--max-total", "2.999999"], status: 1,
            says: ["3.00 USD", "--max-total allows 2.999999"]),
        Case(
            name: "too much money in a dry run", table: good, options: ["--max-total", "2", "--dry-run"], status: 1,
            says: ["--max-total allows 2.00"]),
        Case(
            name: "a rate that is none", table: good, options: ["--rate", "fast"], status: 64,
            says: ["--rate: \"fast\""]),
        Case(
            name: "too much at once", table: good, options: ["--concurrency", "1025"], status: 64,
            says: ["--concurrency: 1025"]),
        Case(
            name: "a delimiter that is none", table: good, options: ["--delimiter", "a"], status: 64,
            says: ["--delimiter: \"a\""]),
        Case(
            name: "an unknown encoding", table: good, options: ["--encoding", "ebcdic"], status: 64,
            says: ["--encoding: \"ebcdic\"", "windows-1252"]),
        Case(
            name: "two wants for standard output", table: good, options: ["--out", "-", "--json"], status: 64,
            says: ["--json and --out -"]),
        Case(
            name: "bad rows in a dry run", table: "id,amount,description\na,x,Mug\n", options: ["--dry-run"],
            status: 65,
            says: ["line 2, column \"amount\": \"x\" is not an amount"]),
    ]

    @Test(arguments: cases) func refuses(_ case: Case) async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("orders.csv", `case`.table)
        let outcome = try await fixture.batch(["orders.csv"] + `case`.options)
        #expect(outcome.status == `case`.status, "\(outcome)")
        for part in `case`.says { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
        #expect(try await fixture.sandbox.requests().isEmpty)
        #expect(fixture.read("orders.links.csv") == nil)
    }

    @Test func reportsAllBadRowsAtOnceWithLineAndColumn() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write(
            "orders.csv",
            """
            id,amount,description,payer,expires_in,media_url
            a,12.50,Mug,,,
            b,"12,50",Mug,x,soon,ftp://x
            c,0,,,0,
            ,1,Mug,,,
            a,1,Mug,,,

            """)
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 65)
        let places = outcome.errors.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("orders.csv: line ") else { return nil }
            return line.dropFirst(17).split(separator: ":").first.map(String.init)
        }
        #expect(
            Set(places) == [
                "3, column \"amount\"", "3, column \"payer\"", "3, column \"expires_in\"", "3, column \"media_url\"",
                "4, column \"amount\"", "4, column \"description\"", "4, column \"expires_in\"", "5, column \"id\"",
                "6, column \"id\"",
            ])
        #expect(outcome.errors.contains("nothing was sent"))
        #expect(try await fixture.sandbox.requests().isEmpty)
        #expect(fixture.read("orders.links.csv") == nil)
        let rejected = try #require(fixture.read("orders.rejected.csv")).split(separator: "\n")
        #expect(rejected.count == 5)
        #expect(rejected[0] == "id,amount,description,payer,expires_in,media_url,paylink_line,paylink_problem")
        #expect(rejected[1].hasPrefix("b,\"12,50\",Mug,x,soon,ftp://x,3,\"column \"\"amount\"\": "))
        #expect(rejected[4].hasPrefix("a,1,Mug,,,,6,\"column \"\"id\"\": \"\"a\"\" is the key of line 2, too\""))
    }

    @Test func boundsWhatItPrintsButNotWhatItWrites() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(500, amount: "x")
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 65)
        #expect(outcome.errors.split(separator: "\n").filter { $0.hasPrefix("orders.csv: line ") }.count == 20)
        #expect(outcome.errors.contains("… and 480 more, all of them in orders.rejected.csv"), "\(outcome.errors)")
        #expect(fixture.rows("orders.rejected.csv").count == 500)
    }

    @Test func goesOnWithTheRestWhenAsked() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("orders.csv", "id,amount,description\na,1,Mug\nb,x,Mug\nc,2,Cup\n")
        let outcome = try await fixture.batch(["orders.csv", "--skip-invalid"])
        #expect(outcome.status == 65)
        #expect(fixture.rows("orders.links.csv").map { $0[0] } == ["a", "c"])
        #expect(fixture.rows("orders.rejected.csv").map { $0[0] } == ["b"])
        #expect(try await fixture.creations() == 2)
        // Corrected: the rest is made, and the old list of rejected rows goes.
        try fixture.folder.write("orders.csv", "id,amount,description\na,1,Mug\nb,3,Mug\nc,2,Cup\n")
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        #expect(fixture.rows("orders.links.csv").map { $0[0] } == ["a", "b", "c"])
        #expect(fixture.read("orders.rejected.csv") == nil)
        #expect(try await fixture.creations() == 3)
    }

    @Test func showsBothTermsOfAReusedKey() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("orders.csv", "id,amount,description\na,1,Mug\nb,2,Cup\n")
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        try fixture.folder.write("orders.csv", "id,amount,description\na,1,Mug\nb,2.01,Cup\nc,1,Mug\n")
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("line 3, column \"id\": key \"b\" was used before with other terms"))
        #expect(outcome.errors.contains("\"amount\":\"2.00\"") && outcome.errors.contains("\"amount\":\"2.01\""))
        #expect(try await fixture.creations() == 2)
    }

    @Test func refusesKeysOfAnotherAccount() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(3)
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        let results = fixture.read("orders.links.csv")
        let requests = try await fixture.sandbox.requests().count
        let outcome = try await fixture.batch(
            ["orders.csv"], ["ONESHOT_USER_ID": "018f5a3c-0000-7000-8000-00000000ffff"])
        #expect(outcome.status == 78, "\(outcome)")
        let account = try #require(fixture.sandbox.variables["ONESHOT_USER_ID"])
        #expect(outcome.errors.contains("line 2: key \"order-1\" is recorded under another account, \(account)"))
        #expect(try await fixture.sandbox.requests().count == requests)
        #expect(fixture.read("orders.links.csv") == results)
    }

    @Test func saysWhichFileIsNotThere() async throws {
        let fixture = try await BatchFixture.start()
        let outcome = try await fixture.batch(["nowhere.csv"])
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("cannot open nowhere.csv: No such file"))
    }
}
