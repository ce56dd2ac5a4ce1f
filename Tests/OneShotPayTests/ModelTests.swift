// Ids, addresses, terms, and links read from and written to the service's JSON.

import HTTPTransport
import JSON
import Testing

@testable import OneShotPay

enum Sample {
    static let id = "01a3185c-5000-79cb-b3d3-3b666a1e21da"
    static let page = CheckoutPage(baseURL: "https://1shotpay.com")

    static func json(
        id: String = id, status: String = "0", amount: String = "12500000", description: String = "Order 1001",
        extra: String = ""
    ) -> String {
        """
        {"id":"\(id)","url":"https://x","userId":"018f5a3c-0000-7000-8000-00000000a11c","username":"shop",\
        "accountAddress":"0x5a4d","profileImageUrl":null,"status":\(status),"amount":\(amount),\
        "description":"\(description)","reuseable":false,"payerDefinedAmount":false,"archived":false,\
        "ignoredByRequestedPayer":false,"paymentCount":0,"deletable":true,"createdTimestamp":1800000000,\
        "updatedTimestamp":1800000001\(extra)}
        """
    }

    /// A link that is paid, by default with what was asked.
    static func paid(_ received: String = "12500000", extra: String = "") -> String {
        json(
            status: "1",
            extra: #","mostRecentPayment":"# + payment(id: "01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6", amount: received)
                + extra)
    }

    static func payment(
        id: String, hash: String? = nil, amount: String = "12500000", createdAt: Int64 = 1_800_000_045
    ) -> String {
        """
        {"id":"\(id)","payLinkId":"\(Sample.id)","amount":\(amount),"relayerTransactionId":"r",\
        "transactionHash":\(hash.map { "\"\($0)\"" } ?? "null"),"paidByUserId":"123e4567-e89b-12d3-a456-426614174000",\
        "createdTimestamp":\(createdAt),"updatedTimestamp":\(createdAt)}
        """
    }

    static func link(_ json: String) throws -> PayLink {
        try Array(json.utf8).withUnsafeBytes { try PayLink(json: $0, page: page) }
    }
}

@Suite struct IdentifierTests {
    @Test func readsBothCasesAsOneId() throws {
        let lower = try #require(PayLinkID(Sample.id))
        #expect(PayLinkID(Sample.id.uppercased()) == lower)
        #expect(lower.description == Sample.id)
        #expect(PayLinkID(lower.description.uppercased())?.description == Sample.id)
    }

    @Test(arguments: [
        "", "01a3185c", "01a3185c-5000-79cb-b3d3-3b666a1e21d", "01a3185c-5000-79cb-b3d3-3b666a1e21daa",
        "01a3185c5000-79cb-b3d3-3b666a1e21da-",
        "g1a3185c-5000-79cb-b3d3-3b666a1e21da", "{01a3185c-5000-79cb-b3d3-3b666a1e21d}",
        " 01a3185c-5000-79cb-b3d3-3b666a1e21d",
        "01a3185c-5000-79cb-b3d3-3b666a1e21d/", "../../../../../../../../../../../..",
    ])
    func refusesWhatIsNoUUID(text: String) {
        #expect(PayLinkID(text) == nil)
        #expect(PaymentID(text) == nil)
        #expect(UserID(text) == nil)
    }

    @Test func ordersUUIDv7ByTime() throws {
        let early = try #require(PayLinkID("01a3185c-5000-79cb-b3d3-3b666a1e21da"))
        let late = try #require(PayLinkID("01a3185c-5001-7000-8000-000000000000"))
        #expect(early < late)
    }
}

@Suite struct CreatePayLinkTests {
    static func terms(_ change: (inout CreatePayLink) -> Void = { _ in }) -> CreatePayLink {
        var terms = CreatePayLink(amount: Money(microUSDC: 12_500_000), description: "Order 1001")
        change(&terms)
        return terms
    }

    @Test func acceptsPlainTerms() throws {
        try Self.terms().validate()
        try Self.terms {
            $0.mediaURL = "https://example.com/ä.png?x=1"; $0.expiresAt = 1_800_000_900; $0.idempotencyKey = "k-1"
        }.validate()
        try Self.terms { $0.description = "two\nlines" }.validate()
        try Self.terms { $0.amount = .maximumLinkAmount }.validate()
    }

    @Test(
        arguments: [
            ("amount", { @Sendable in $0.amount = .zero }),
            ("amount", { @Sendable in $0.amount = Money(microUSDC: -1) }),
            ("amount", { @Sendable in $0.amount = Money(microUSDC: Money.maximumLinkAmount.microUSDC + 1) }),
            ("description", { @Sendable in $0.description = "" }),
            ("description", { @Sendable in $0.description = " \n " }),
            ("description", { @Sendable in $0.description = "a\u{1b}[2J" }),
            ("description", { @Sendable in $0.description = String(repeating: "x", count: 20_000) }),
            ("media_url", { @Sendable in $0.mediaURL = "example.com/x.png" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://user:pw@example.com/" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://exa mple.com/" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://example.com/a b.png" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://example.com\\a" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://256.1.1.1/a" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://127.1/a" }),
            ("media_url", { @Sendable in $0.mediaURL = "https://a.0x1/a" }),
            ("media_url", { @Sendable in $0.mediaURL = "data:image/png;base64,x" }),
            ("expires_at", { @Sendable in $0.expiresAt = 0 }),
            ("expires_at", { @Sendable in $0.expiresAt = 1_800_000_900_000 }),
            ("idempotency_key", { @Sendable in $0.idempotencyKey = "" }),
            ("idempotency_key", { @Sendable in $0.idempotencyKey = "a b" }),
            ("idempotency_key", { @Sendable in $0.idempotencyKey = "a\r\nX: y" }),
        ] as [(String, @Sendable (inout CreatePayLink) -> Void)])
    func refusesUnusableTermsByField(field: String, change: @Sendable (inout CreatePayLink) -> Void) {
        let error = #expect(throws: OneShotPayError.self) { try Self.terms(change).validate() }
        #expect(error?.code == .invalidRequest && error?.field == field && error?.bytesSent == false)
        #expect(error?.message.hasPrefix(field) == true)
    }

    @Test func writesTheBodyFromIntegers() {
        let writer = JSONWriter()
        Self.terms().write(to: writer)
        #expect(writer.string == #"{"amount":12.5,"description":"Order 1001","reuseable":false}"#)
        writer.reset()
        Self.terms {
            $0.mediaURL = "https://example.com/widget.png"
            $0.expiresAt = 1_800_000_900
            $0.payer = UserID("123E4567-e89b-12d3-a456-426614174000")
            $0.reusable = true
        }.write(to: writer)
        #expect(
            writer.string
                == #"{"amount":12.5,"description":"Order 1001","mediaUrl":"https://example.com/widget.png","reuseable":true,"expirationTimestamp":1800000900,"requestedPayerUserId":"123e4567-e89b-12d3-a456-426614174000"}"#
        )
    }

    @Test func findsAnIdInADamagedReply() throws {
        func found(_ text: String) -> String? {
            Array(text.utf8).withUnsafeBytes { PayLinkID.firstMentioned(in: $0) }?.description
        }
        #expect(found(#"{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da","status":0,"am"#) == Sample.id)
        #expect(found(#"garbage "id" : "01A3185C-5000-79CB-B3D3-3B666A1E21DA" garbage"#) == Sample.id)
        #expect(found(#"{"id":"x","id":"01a3185c-5000-79cb-b3d3-3b666a1e21da""#) == Sample.id)
        #expect(found(#"{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da"#) == nil)
        #expect(found(#"{"userId":"01a3185c-5000-79cb-b3d3-3b666a1e21da"}"#) == nil)
        #expect(found("") == nil)
        #expect(found(#""id":"#) == nil)
    }
}

@Suite struct PayLinkDecodingTests {
    @Test func readsEveryField() throws {
        let payment = Sample.payment(id: "01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6", hash: "0x69c3")
        let link = try Sample.link(
            Sample.json(
                status: "1",
                extra:
                    #","mediaUrl":"https://m","expirationTimestamp":1800000900,"requestedPayerUserId":"123e4567-e89b-12d3-a456-426614174000","mostRecentPayment":"#
                    + payment))
        #expect(link.id.description == Sample.id && link.status == .paid && link.amount.description == "12.50")
        #expect(link.expiresAt == 1_800_000_900 && link.mediaURL == "https://m" && link.username == "shop")
        #expect(link.payer == UserID("123e4567-e89b-12d3-a456-426614174000") && link.createdAt == 1_800_000_000)
        #expect(link.payment?.transactionHash == "0x69c3" && link.payment?.isSettled == true)
        #expect(link.url == "https://1shotpay.com/en/link/\(Sample.id)")
        #expect(link.agentURL == "https://1shotpay.com/api/link/\(Sample.id)")
    }

    @Test func buildsTheHostedAddress() throws {
        let id = try #require(PayLinkID(Sample.id))
        var page = CheckoutPage(baseURL: "http://127.0.0.1:8080/x", locale: .turkish, closeOnComplete: true)
        #expect(page.url(for: id) == "http://127.0.0.1:8080/x/tr/link/\(Sample.id)?closeOnComplete=true")
        page.locale = .spanish
        page.closeOnComplete = false
        #expect(page.url(for: id) == "http://127.0.0.1:8080/x/es/link/\(Sample.id)")
    }

    @Test(arguments: [
        ("unknown keys", #","later":{"a":[1,{"b":null}]},"z":"x""#),
        ("null options", #","mediaUrl":null,"expirationTimestamp":null,"mostRecentPayment":null"#),
        ("options of odd types", #","mediaUrl":5,"expirationTimestamp":"soon","username":[],"paymentCount":"many""#),
    ])
    func toleratesWhatItDoesNotKnow(what: String, extra: String) throws {
        let link = try Sample.link(Sample.json(extra: extra))
        #expect(link.id.description == Sample.id && link.mediaURL == nil && link.expiresAt == nil)
    }

    @Test func keepsAnUnknownStatus() throws {
        let link = try Sample.link(Sample.json(status: "7"))
        #expect(link.status == .unknown(7) && link.status.name == "unknown")
    }

    @Test func takesTheLastOfRepeatedKeys() throws {
        #expect(try Sample.link(Sample.json(extra: #","amount":5"#)).amount.microUSDC == 5)
    }

    @Test(arguments: [
        Sample.json(id: "nope"), Sample.json(amount: "12.5"), Sample.json(amount: "1e3"),
        Sample.json(amount: "12500000.0"), Sample.json(amount: "\"5\""),
        Sample.json(amount: "null"), Sample.json(amount: "9223372036854775808"), Sample.json(status: "\"0\""),
        Sample.json(status: "0.0"), Sample.json(status: "null"),
        #"{"status":0,"amount":5}"#, #"{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da","status":0}"#, "[]", "null", "5",
        "", "<html>",
        Sample.json(extra: #","mostRecentPayment":{"id":"x","amount":1}"#),
        Sample.json(extra: #","mostRecentPayment":{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da","amount":1.5}"#),
        Sample.json() + "x",
    ])
    func isStrictAboutWhatMoneyDependsOn(json: String) {
        #expect(throws: (any Error).self) { try Sample.link(json) }
    }

    @Test func readsBackWhatItWrites() throws {
        let payment = Sample.payment(id: "01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6")
        let flags = ["reuseable", "payerDefinedAmount", "archived", "ignoredByRequestedPayer", "deletable"].flatMap {
            [#","\#($0)":true"#, #","\#($0)":false"#]
        }
        let others = [
            "", #","mostRecentPayment":"# + payment, #","expirationTimestamp":5,"mediaUrl":"a\"b""#,
            #","paymentCount":3"#, #","paymentCount":0"#, #","status":7"#, #","username":null,"accountAddress":null"#,
            #","requestedPayerUserId":"01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6""#,
        ]
        for extra in flags + others {
            let link = try Sample.link(Sample.json(extra: extra))
            let writer = JSONWriter()
            link.write(to: writer)
            #expect(try Sample.link(writer.string) == link)
            #expect(!writer.string.contains("null") && !writer.string.contains("false"))
            // What a ledger keeps is just that, whatever else is known of the link at the moment.
            var known = link
            (known.key, known.seenPayments) = ("order-1", 4)
            known.change { $0.possibleOrphans = 2 }
            (known.isKnownLate, known.isTakenAtItsWord) = (true, true)
            known.page.closeOnComplete.toggle()
            #expect(known != link && known.asKept(page: link.page) == link)
        }
    }

    @Test func refusesEveryTruncation() {
        let bytes = Array(Sample.json().utf8)
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try bytes[..<length].withUnsafeBytes { try PayLink(json: $0, page: Sample.page) }
            }
        }
    }
}
