// A key whose link has expired: nobody is given an address at which nobody can pay, and a payment is not overlooked.

import TestSupport
import Testing

@Suite struct ExpiredKeyTests {
    private let order = ["create", "--key", "order-1", "--amount", "2", "--description", "Mug", "--expires-in", "1s"]

    /// Runs the command until the link's second is over.
    private func untilOver(
        _ fixture: BatchFixture, _ arguments: [String], _ isOver: (Outcome) -> Bool
    ) async throws -> Outcome {
        for _ in 0..<200 {
            let outcome = try await fixture.sandbox.run(arguments, fixture.environment)
            if isOver(outcome) { return outcome }
        }
        throw ChildProcessFailure(description: "the link did not expire")
    }

    @Test func saysThatTheLinkOfAKeyHasExpired() async throws {
        let fixture = try await BatchFixture.start()
        #expect(try await fixture.sandbox.run(order, fixture.environment).status == 0)
        let outcome = try await untilOver(fixture, order) { $0.status != 0 }
        #expect(outcome.status == 1 && outcome.output == "", "\(outcome)")
        #expect(outcome.errors.contains("key \"order-1\": its link "), "\(outcome)")
        #expect(outcome.errors.contains("nobody can pay it any more") && outcome.errors.contains("such as order-1:2"))
        let json = try await fixture.sandbox.run(order + ["--json"], fixture.environment)
        let error = try JSON(parsing: json.output)["error"]
        #expect(json.status == 1 && error?["code"]?.string == "expired")
        #expect(error?["link"]?["status"]?.string == "expired")
        #expect(try await fixture.sandbox.links().count == 1)

        // A script gets the link as it is, and a warning.
        let code = """
            local link = paylink.create{ key = "order-1", amount = 2, description = "Mug", expires_in = "1s" }
            print(link.status)
            """
        let script = try await fixture.sandbox.run(["run", "-e", code], fixture.environment)
        #expect(script.status == 0 && script.output == "expired\n", "\(script)")
        #expect(script.errors.contains(" warn ") && script.errors.contains("its link "), "\(script)")

        // And a batch counts such rows.
        try fixture.folder.write("o.csv", "id,amount,description,expires_in\norder-1,2,Mug,1s\n")
        let batch = try await fixture.batch(["o.csv"])
        #expect(batch.status == 0 && batch.errors.contains("1 recorded before, 1 of them expired"), "\(batch)")
        #expect(batch.errors.contains("give it another key"))
    }

    @Test func reissuesUnderTheNextKeyAndOnlyOnce() async throws {
        let fixture = try await BatchFixture.start()
        #expect(try await fixture.sandbox.run(order, fixture.environment).status == 0)
        _ = try await untilOver(fixture, order) { $0.status != 0 }
        let later = Array(order.dropLast(2)) + ["--expires-in", "1s", "--reissue", "--json"]
        let first = try await fixture.sandbox.run(later, fixture.environment)
        let made = try JSON(parsing: first.output)
        #expect(first.status == 0 && made["key"]?.string == "order-1:2", "\(first)")
        #expect(try await fixture.sandbox.links().count == 2)
        try await fixture.sandbox.pay(try #require(made["id"]?.string))
        // Paid, it is the order's link for good.
        let again = try await untilOver(fixture, later) { $0.output.contains("\"settlement\":\"full\"") }
        #expect(try JSON(parsing: again.output)["id"]?.string == made["id"]?.string)
        #expect(try await fixture.sandbox.links().count == 2)
        let keyless = ["create", "--amount", "2", "--description", "Mug", "--reissue"]
        #expect(try await fixture.sandbox.run(keyless, fixture.environment).status == 64)
    }

    @Test func givesALinkThatWasPaidMeanwhile() async throws {
        let fixture = try await BatchFixture.start()
        let made = try await fixture.sandbox.run(order + ["--json"], fixture.environment)
        try await fixture.sandbox.pay(try #require(JSON(parsing: made.output)["id"]?.string))
        let outcome = try await untilOver(fixture, order) { $0.status != 0 || $0.output.contains("paid") }
        #expect(outcome.status == 0 && outcome.output.contains("status       paid"), "\(outcome)")
        #expect(try await fixture.sandbox.links().count == 1)
    }

    @Test func aBatchTellsOfRowsThatWerePaidShort() async throws {
        let fixture = try await BatchFixture.start()
        try fixture.writeOrders(2)
        #expect(try await fixture.batch(["orders.csv"]).status == 0)
        let id = try #require(try await fixture.sandbox.links().first?["id"]?.string)
        try await fixture.sandbox.pay(id, "0.01")
        #expect(try await fixture.sandbox.run(["get", id], fixture.environment).status == 0)
        let again = try await fixture.batch(["orders.csv"])
        #expect(again.status == 0 && again.errors.contains("2 recorded before, 1 of them paid short"), "\(again)")
        #expect(again.errors.contains("--status underpaid"), "\(again)")
    }

    @Test(arguments: ["get", "wait"])
    func pointsFromAKeyToTheLedger(_ command: String) async throws {
        for (key, advice) in [
            ("order-2003", "paylink ledger show order-2003"), ("order 1'x", #"paylink ledger show 'order 1'\''x'"#),
        ] {
            let outcome = try await PaylinkProcess.run([command, key])
            #expect(outcome.status == 64 && outcome.errors.contains("if it is a key: " + advice), "\(outcome)")
        }
        let lua = try await PaylinkProcess.sandboxed("print(select(2, paylink.\(command)(\"order-2003\")).message)")
        #expect(lua.output.contains("paylink.find gives the link of a key"), "\(lua)")
    }

    @Test(arguments: [
        (["crate"], "paylink create"), (["ledger", "lst"], "paylink ledger list"),
        (["legder", "list"], "paylink ledger"),
        (["doc"], "paylink doctor"), (["ledger", "doubt", "resolv", "k"], "paylink ledger doubt resolve"),
    ])
    func suggestsTheCommandThatMayBeMeant(_ arguments: [String], _ meant: String) async throws {
        let outcome = try await PaylinkProcess.run(arguments)
        #expect(outcome.status == 64, "\(outcome)")
        #expect(outcome.errors.contains("(did you mean '\(meant)'?)"), "\(outcome)")
    }

    @Test(arguments: [["zzzzzz"], ["ledger", "qqqq"], ["help", "crate"]])
    func suggestsNothingWhereNothingIsNear(_ arguments: [String]) async throws {
        #expect(!(try await PaylinkProcess.run(arguments)).errors.contains("did you mean"))
    }
}
