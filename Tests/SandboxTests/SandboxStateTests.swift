// The service's rules as a value: expiry, payment, settlement, tokens.
// No HTTP and no time but what a test passes in.

import Testing

@testable import Sandbox

@Suite struct SandboxStateTests {
    private func state(_ configure: (inout SandboxOptions) -> Void = { _ in }) -> SandboxState {
        var options = SandboxOptions()
        configure(&options)
        return SandboxState(options: options, seed: 7)
    }

    private func terms(reusable: Bool = false, expires: Int64? = nil, payer: String? = nil) -> LinkTerms {
        var body: [JSONMember] = [
            JSONMember("amount", .number("12.50")), JSONMember("description", .string("Mug")),
            JSONMember("reuseable", .bool(reusable)),
        ]
        if let expires { body.append(JSONMember("expirationTimestamp", .integer(expires))) }
        if let payer { body.append(JSONMember("requestedPayerUserId", .string(payer))) }
        guard let terms = try? LinkTerms(.object(body), now: testStart) else { preconditionFailure("terms are good") }
        return terms
    }

    @Test func givesLinksVersion7IdsThatSortByTime() {
        var state = state()
        let first = state.createLink(terms(), now: testStart)
        let second = state.createLink(terms(), now: testStart + .milliseconds(1))
        #expect(isUUID(first.id))
        #expect(Array(first.id)[14] == "7")
        #expect("89ab".contains(Array(first.id)[19]))
        #expect(first.id < second.id)
    }

    @Test func expiresALinkByTheClock() throws {
        var state = state()
        let link = state.createLink(terms(expires: testStart.unixSeconds + 60), now: testStart)
        #expect(link.status(at: testStart + .milliseconds(59_999)) == .active)
        #expect(link.status(at: testStart + .seconds(60)) == .expired)
        #expect(link.updated(at: testStart + .seconds(90)) == testStart + .seconds(60))
        #expect(throws: Refusal.conflict("the link has expired")) {
            try state.pay(link.id, now: testStart + .seconds(60))
        }
    }

    @Test func givesALinkTheDefaultExpiry() {
        var state = state { $0.defaultExpiry = .seconds(90) }
        #expect(state.createLink(terms(), now: testStart).expirationTimestamp == testStart.unixSeconds + 90)
    }

    @Test func paysASingleUseLinkOnce() throws {
        var state = state()
        let link = state.createLink(terms(), now: testStart)
        let paid = try state.pay(link.id, now: testStart + .seconds(5))
        #expect(paid.status(at: testStart + .seconds(5)) == .paid)
        #expect(paid.status(at: testStart + .seconds(999_999)) == .paid)
        #expect(paid.paymentCount == 1)
        #expect(paid.mostRecentPayment?.amount == 12_500_000)
        #expect(throws: Refusal.conflict("the link is already paid")) {
            try state.pay(link.id, now: testStart + .seconds(6))
        }
    }

    @Test func keepsAReusableLinkActiveThroughPayments() throws {
        var state = state()
        let link = state.createLink(terms(reusable: true), now: testStart)
        let once = try state.pay(link.id, now: testStart)
        let twice = try state.pay(link.id, amount: 5, now: testStart + .seconds(1))
        #expect(twice.status(at: testStart + .seconds(1)) == .active)
        #expect(twice.paymentCount == 2)
        #expect(twice.mostRecentPayment?.amount == 5)
        #expect(once.mostRecentPayment?.id != twice.mostRecentPayment?.id)
    }

    @Test func settlesAfterTheDelayAndNotBefore() throws {
        var state = state { $0.settleAfter = .seconds(2) }
        let link = state.createLink(terms(), now: testStart)
        let payment = try #require(try state.pay(link.id, now: testStart).mostRecentPayment)
        #expect(payment.transactionHash(at: testStart + .milliseconds(1_999)) == nil)
        let hash = try #require(payment.transactionHash(at: testStart + .seconds(2)))
        #expect(hash.hasPrefix("0x") && hash.count == 66)
    }

    @Test func paysDueLinksAtTheInstantTheyWereDue() throws {
        var state = state { $0.payAfter = .seconds(3) }
        let early = state.createLink(terms(), now: testStart)
        let short = state.createLink(terms(expires: testStart.unixSeconds + 2), now: testStart)
        let archived = state.createLink(terms(), now: testStart)
        _ = try state.archive(archived.id, now: testStart)
        let late = state.createLink(terms(), now: testStart + .seconds(2))
        state.payDueLinks(now: testStart + .seconds(4))
        #expect(try state.link(early.id).mostRecentPayment?.created == testStart + .seconds(3))
        #expect(try state.link(short.id).paymentCount == 0)
        #expect(try state.link(archived.id).paymentCount == 0)
        #expect(try state.link(late.id).paymentCount == 0)
        state.payDueLinks(now: testStart + .seconds(5))
        #expect(try state.link(late.id).paymentCount == 1)
    }

    @Test func namesTheRequestedPayerAsWhoPaid() throws {
        var state = state()
        let payer = "123e4567-e89b-12d3-a456-426614174000"
        let link = state.createLink(terms(payer: payer), now: testStart)
        #expect(try state.pay(link.id, now: testStart).mostRecentPayment?.paidByUserID == payer)
    }

    @Test func refusesToPayWhatIsArchivedOrUnknown() throws {
        var state = state()
        let link = state.createLink(terms(), now: testStart)
        _ = try state.archive(link.id, now: testStart)
        #expect(throws: Refusal.conflict("the link is archived")) { try state.pay(link.id, now: testStart) }
        #expect(throws: Refusal.noSuchLink) { try state.pay("nothing", now: testStart) }
    }

    @Test func honoursATokenUntilItExpiresOrIsRevoked() throws {
        var state = state { $0.tokenLifetime = .seconds(10) }
        let user = SandboxOptions.defaultUserID
        let token = try state.issueToken(userID: user, apiToken: SandboxOptions.defaultAPIToken, now: testStart)
        try state.authorize(token, now: testStart + .milliseconds(9_999))
        #expect(throws: Refusal.self) { try state.authorize(token, now: testStart + .seconds(10)) }
        #expect(throws: Refusal.self) { try state.authorize(nil, now: testStart) }
        #expect(throws: Refusal.self) { try state.authorize("other", now: testStart) }
        state.revokeTokens()
        #expect(throws: Refusal.self) { try state.authorize(token, now: testStart) }
        #expect(throws: Refusal.self) { try state.issueToken(userID: user, apiToken: "wrong", now: testStart) }
    }

    /// Told to, the clock goes back: what happened stays, and what is to come comes at its instant.
    @Test func theClockGoesBackOnlyWhenTold() throws {
        let core = SandboxCore.still(SandboxOptions(payAfter: .seconds(30)))
        func found(_ link: SandboxLink) throws -> SandboxLink {
            try core.perform { interior, _ in try interior.state.link(link.id) }
        }
        let plain = terms()
        let soon = terms(expires: testStart.unixSeconds + 20)
        let first = core.perform { interior, now in interior.state.createLink(plain, now: now) }
        let expiring = core.perform { interior, now in interior.state.createLink(soon, now: now) }
        core.advance(by: .seconds(60))
        core.advance(by: .seconds(-50))
        let now = core.perform { _, now in now }
        #expect(now == testStart + .seconds(10))
        #expect(try found(first).mostRecentPayment?.created == testStart + .seconds(30))
        #expect(expiring.status(at: now) == .active)
        let later = core.perform { interior, now in interior.state.createLink(plain, now: now) }
        core.advance(by: .seconds(29))
        #expect(try found(later).paymentCount == 0)
        core.advance(by: .seconds(1))
        #expect(try found(later).mostRecentPayment?.created == testStart + .seconds(40))
    }

    @Test func reportsEveryChangeOnce() throws {
        var state = state()
        let link = state.createLink(terms(), now: testStart)
        _ = try state.pay(link.id, now: testStart)
        let counts = [state.takeEvents().count, state.takeEvents().count]
        #expect(counts == [2, 0])
        #expect(state.revision == 2)
    }
}
