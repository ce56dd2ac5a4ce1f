// Payments that are not what a merchant hopes for: short, over, late, several at once, counted but not shown.
// The automatic payer's too, and the control calls that ask for them.

import Testing

@testable import Sandbox

@Suite struct PaymentTests {
    private func core(_ options: SandboxOptions = SandboxOptions()) -> SandboxCore { .still(options) }

    private func link(in core: SandboxCore, reusable: Bool = false, seconds: Int64 = 60) throws -> SandboxLink {
        let json = """
            {"amount": 12.5, "description": "Mug", "reuseable": \(reusable), \
            "expirationTimestamp": \(testStart.unixSeconds + seconds)}
            """
        let terms = try LinkTerms(try JSONReader.parse(Array(json.utf8)), now: testStart)
        return core.perform { interior, now in interior.state.createLink(terms, now: now) }
    }

    private func found(_ id: String, in core: SandboxCore) throws -> SandboxLink {
        try core.perform { interior, _ in try interior.state.link(id) }
    }

    @Test(arguments: [(nil, 12_500_000), (Int64(1), 1), (12_500_001, 12_500_001)] as [(Int64?, Int64)])
    func theAutomaticPayerPaysWhatItIsTold(amount: Int64?, paid: Int64) throws {
        let core = core(SandboxOptions(payAfter: .seconds(1), payAmount: amount))
        let id = try link(in: core).id
        core.advance(by: .seconds(1))
        #expect(try found(id, in: core).mostRecentPayment?.amount == paid)
    }

    @Test func aLatePayerPaysByTheExpiryOfEachLink() throws {
        let core = core(SandboxOptions(payAfter: .seconds(1), payLate: .seconds(5)))
        let long = try link(in: core, seconds: 90)
        let short = try link(in: core, seconds: 30)
        let archived = try link(in: core, seconds: 30)
        _ = try core.perform { interior, now in try interior.state.archive(archived.id, now: now) }
        core.advance(by: .milliseconds(34_999))
        #expect(try found(short.id, in: core).status(at: testStart + .seconds(34)) == .expired)
        core.advance(by: .milliseconds(1))
        let paid = try found(short.id, in: core)
        #expect(paid.status(at: testStart + .seconds(35)) == .paid)
        #expect(paid.mostRecentPayment?.created == testStart + .seconds(35))
        #expect(try found(long.id, in: core).paymentCount == 0)
        // Ended early, it is paid by its new end.
        _ = try core.perform { interior, now in try interior.state.expire(long.id, now: now) }
        core.advance(by: .seconds(5))
        #expect(try found(long.id, in: core).mostRecentPayment?.created == testStart + .seconds(40))
        core.advance(by: .seconds(100))
        #expect(try found(long.id, in: core).paymentCount == 1)
        #expect(try found(archived.id, in: core).paymentCount == 0)
    }

    @Test func theAutomaticPayerPaysReusableLinksSeveralTimes() throws {
        let core = core(SandboxOptions(payAfter: .seconds(1), payCount: 3))
        let (many, single) = (try link(in: core, reusable: true).id, try link(in: core).id)
        core.advance(by: .seconds(2))
        #expect(try found(many, in: core).paymentCount == 3)
        #expect(try found(single, in: core).paymentCount == 1)
        #expect(core.perform { interior, _ in interior.record.entries }.filter { $0.kind == .paid }.count == 4)
    }

    @Test func theAutomaticPayersPaymentsCountBeforeTheyAreShown() throws {
        let core = core(SandboxOptions(payAfter: .seconds(1), payCount: 2, payHidden: .seconds(3)))
        let first = try link(in: core).id
        core.advance(by: .seconds(1))
        let many = try link(in: core, reusable: true).id
        let counted = try found(first, in: core)
        #expect(counted.status(at: testStart + .seconds(1)) == .paid && counted.paymentCount == 1)
        #expect(counted.mostRecentPayment == nil)
        core.advance(by: .milliseconds(2_999))
        #expect(try found(first, in: core).mostRecentPayment == nil)
        core.advance(by: .seconds(60))
        #expect(try found(first, in: core).mostRecentPayment?.created == testStart + .seconds(1))
        #expect(try found(many, in: core).paymentCount == 2)
        #expect(try found(many, in: core).mostRecentPayment?.created == testStart + .seconds(2))
        let record = core.perform { interior, _ in interior.record.entries }.filter { $0.kind != .created }
        #expect(record.map(\.kind) == [.paid, .paid, .paid, .shown, .shown])
        let seconds: [Int64] = [1, 2, 2, 4, 5]
        #expect(record.map { $0.time.unixSeconds - testStart.unixSeconds } == seconds)
    }

    /// What somebody withheld meanwhile is theirs to show.
    @Test func showsNoPaymentThatSomebodyElseWithheld() throws {
        let core = core(SandboxOptions(payAfter: .seconds(1), payHidden: .seconds(3)))
        let id = try link(in: core, reusable: true).id
        core.advance(by: .seconds(2))
        _ = try core.perform { interior, now in try interior.state.pay(id, shown: false, now: now) }
        core.advance(by: .seconds(10))
        #expect(try found(id, in: core).mostRecentPayment == nil)
        #expect(try found(id, in: core).withheldPayment?.created == testStart + .seconds(2))
    }

    @Test func everyPayerDefinesTheAmountWhereThatIsSaid() throws {
        let core = core(SandboxOptions(payAfter: .seconds(1), payAmount: 3_000_000, payerDefinesAmount: true))
        let id = try link(in: core).id
        #expect(try found(id, in: core).payerDefinedAmount == true)
        core.advance(by: .seconds(1))
        #expect(try found(id, in: core).mostRecentPayment?.amount == 3_000_000)
    }

    @Test func paysLateOnlyWhenTold() async throws {
        try await Harness.run { harness in
            let client = harness.client
            for ending in ["expire", "archive"] {
                let id = try await harness.published()
                #expect(try await client.send("POST", "/sandbox/\(ending)/\(id)").status == 200)
                #expect(try await client.send("POST", "/sandbox/pay/\(id)").status == 409)
                let late = try await client.send("POST", "/sandbox/pay/\(id)", body: #"{"late": true}"#)
                #expect(late.json?["status"] == .number("1"))
                #expect(late.json?["mostRecentPayment"]?["amount"] == .number("12500000"))
                // Paid is paid: no second payment, late or not.
                #expect(try await client.send("POST", "/sandbox/pay/\(id)", body: #"{"late": true}"#).status == 409)
            }
        }
    }

    @Test func paysManyTimesAtOnceAndTellsEachApart() async throws {
        try await Harness.run { harness in
            let client = harness.client
            let id = try await harness.published(#"{"amount": 1, "description": "Tip", "reuseable": true}"#)
            let reply = try await client.send("POST", "/sandbox/pay/\(id)", body: #"{"count": 1000, "amount": "0.5"}"#)
            #expect(reply.json?["paymentCount"] == .number("1000"))
            #expect(reply.json?["status"] == .number("0"))
            #expect(harness.sandbox.record.filter { $0.kind == .paid && $0.amount == 500_000 }.count == 1_000)
            let last = reply.json?["mostRecentPayment"]?["id"]
            let next = try await client.send("POST", "/sandbox/pay/\(id)", body: #"{"count": 2}"#)
            #expect(next.json?["mostRecentPayment"]?["id"] != last)
            let single = try await harness.published()
            #expect(try await client.send("POST", "/sandbox/pay/\(single)", body: #"{"count": 2}"#).status == 409)
            #expect(harness.sandbox.link(single)?.paymentCount == 0)
        }
    }

    @Test func countsAPaymentBeforeItIsShown() async throws {
        try await Harness.run { harness in
            let client = harness.client
            let id = try await harness.published()
            #expect(try await client.send("POST", "/sandbox/show/\(id)").status == 409)
            let paid = try await client.send("POST", "/sandbox/pay/\(id)", body: #"{"shown": false}"#)
            #expect(paid.json?["status"] == .number("1"))
            #expect(paid.json?["mostRecentPayment"] == .null)
            let shown = try await client.send("POST", "/sandbox/show/\(id)")
            #expect(shown.json?["mostRecentPayment"]?["amount"] == .number("12500000"))
            #expect(shown.json?["paymentCount"] == .number("1"))
            #expect(try await client.send("POST", "/sandbox/show/\(id)").status == 409)
        }
    }

    @Test func letsThePayerDefineTheAmount() async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            let token = try await harness.token()
            #expect(try await harness.get(id, token: token).json?["payerDefinedAmount"] == .bool(false))
            #expect(try await harness.client.send("POST", "/sandbox/payer-defined/\(id)").status == 200)
            #expect(try await harness.get(id, token: token).json?["payerDefinedAmount"] == .bool(true))
        }
    }

    @Test(arguments: [
        #"{"late": 1}"#, #"{"count": 0}"#, #"{"count": 1001}"#, #"{"shown": "no"}"#, #"{"hidden": true}"#,
    ])
    func refusesAPaymentItDoesNotUnderstand(body: String) async throws {
        try await Harness.run { harness in
            let id = try await harness.published(#"{"amount": 1, "description": "Tip", "reuseable": true}"#)
            #expect(try await harness.client.send("POST", "/sandbox/pay/\(id)", body: body).status == 400)
            #expect(harness.sandbox.link(id)?.paymentCount == 0)
        }
    }
}
