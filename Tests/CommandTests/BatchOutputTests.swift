// What a batch may write over, and what it never does.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct BatchOutputTests {
    @Test func refusesResultsOfAnotherBatchAndNamesTheForeignKey() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(3)
        let foreign = """
            order_id,amount,description,paylink_id,paylink_url,paylink_amount
            order-1,1.50,Mug 1,i,u,1.50
            other-9,1.50,Mug 9,i,u,1.50

            """
        try fixture.folder.write("orders.links.csv", foreign)
        let outcome = try await fixture.batch(["orders.csv"])
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("line 3 has the key \"other-9\""), "\(outcome.errors)")
        #expect(outcome.errors.contains("--force"))
        #expect(fixture.read("orders.links.csv") == foreign)
        #expect(try await fixture.sandbox.requests().isEmpty)
        #expect(try await fixture.batch(["orders.csv", "--force"]).status == 0)
        #expect(fixture.rows("orders.links.csv").count == 3)
    }

    @Test(arguments: ["my notes\n", "", "order_id,amount,description\norder-1,1,Mug\n"])
    func refusesAnyOtherFile(_ content: String) async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(2)
        try fixture.folder.write("notes.csv", content)
        for option in ["--out", "--rejected"] {
            let outcome = try await fixture.batch(["orders.csv", option, "notes.csv"])
            #expect(outcome.status == 74, "\(outcome)")
            #expect(outcome.errors.contains("notes.csv is there already and is not of this batch"))
            #expect(fixture.read("notes.csv") == content)
        }
        #expect(try await fixture.sandbox.requests().isEmpty)
    }

    @Test func neverWritesOverItsInput() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(2)
        let content = fixture.read("orders.csv")
        try FileManager.default.linkItem(
            atPath: fixture.folder.path + "/orders.csv", toPath: fixture.folder.path + "/same.csv")
        for name in ["orders.csv", "./orders.csv", fixture.folder.path + "/orders.csv", "same.csv"] {
            for option in ["--out", "--rejected"] {
                let outcome = try await fixture.batch(["orders.csv", option, name, "--force"])
                #expect(outcome.status == 64, "\(outcome)")
                #expect(outcome.errors.contains("\(option) names the input itself"))
            }
        }
        #expect(fixture.read("orders.csv") == content)
        #expect(try await fixture.sandbox.requests().isEmpty)
    }

    @Test func refusesAPlaceThatCannotBeWritten() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(2)
        let outcome = try await fixture.batch(["orders.csv", "--out", "nowhere/out.csv"])
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("nowhere/out.csv") && outcome.errors.contains("nothing was sent"))
        #expect(try await fixture.sandbox.requests().isEmpty)
    }

    @Test func refusesALedgerThatIsNone() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(2)
        let file = try fixture.folder.write("notes.db", String(repeating: "no ledger at all ", count: 500))
        let outcome = try await fixture.batch(["orders.csv", "--ledger", file])
        #expect(outcome.status == 74, "\(outcome)")
        #expect(outcome.errors.contains("notes.db"))
        #expect(try await fixture.sandbox.requests().isEmpty)
        #expect(fixture.read("orders.links.csv") == nil)
    }

    @Test func guardsSpreadsheetsUnlessToldNotTo() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("orders.csv", "id,amount,description,note\na,1,Mug,=1+1\nb,1,Mug,-5\n")
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        #expect(fixture.rows("orders.links.csv").map { $0[3] } == ["'=1+1", "-5"])
        #expect(try await fixture.batch(["orders.csv", "--keep-formulas"]).status == 0)
        #expect(fixture.rows("orders.links.csv").map { $0[3] } == ["=1+1", "-5"])
    }

    @Test func aBrokenRowIsToldOfBeforeAResultsFileThatLacksIt() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.folder.write("t.csv", "id,amount,description\na,1,Mug\nb,2,Cup\n".utf8)
        #expect(try await fixture.batch(["t.csv"]).status == 0)
        let results = fixture.read("t.links.csv")
        try fixture.folder.write("t.csv", "id,amount,description\na,1,Mug\nb,2,Cup, blue\n".utf8)
        let outcome = try await fixture.batch(["t.csv"])
        #expect(outcome.status == 65, "\(outcome)")
        #expect(outcome.errors.contains("line 3") && !outcome.errors.contains("--force"), "\(outcome.errors)")
        #expect(fixture.read("t.links.csv") == results)
    }
}
