// Terms of orders made by chance, written and read back.

import Chance
import JSON
import OneShotPay
import Testing

@testable import Recorder

@Suite struct LinkTermTests {
    private static let texts = [
        "Tea", "\u{e4}\u{1F375} \"x\"", "a\nb\t\\", "{}", String(repeating: "long ", count: 50),
    ]

    private static func order(_ random: inout SplitMix) -> LinkOrder {
        func text() -> String { texts.randomElement(using: &random) ?? "" }
        var request = CreatePayLink(
            amount: Money(microUSDC: .random(in: 1...9_000_000_000_000, using: &random)), description: text())
        if Bool.random(using: &random) {
            request.mediaURL = "https://pictures.example/" + String(Int.random(in: 0...9))
        }
        request.reusable = .random(using: &random)
        request.closeOnComplete = .random(using: &random)
        request.locale = [nil, .english, .spanish, .turkish].randomElement(using: &random) ?? nil
        if Bool.random(using: &random) { request.payer = UserID("123e4567-e89b-12d3-a456-426614174000") }
        let expiry: [LinkOrder.Expiry?] = [
            nil, .at(.random(in: 1...4_000_000_000, using: &random)),
            .after(.seconds(Int.random(in: 1...90_000, using: &random))),
            .after(.milliseconds(Int.random(in: 1...90_000, using: &random))),
            .after(.nanoseconds(Int.random(in: 1...90_000_000_000, using: &random))),
        ]
        return LinkOrder(request, key: "A1", expiry: expiry.randomElement(using: &random) ?? nil)
    }

    @Test func termsAreReadBackAsTheyWereWritten() throws {
        var random = SplitMix(seed: 1)
        let json = JSONWriter()
        for _ in 0..<2_000 {
            let order = Self.order(&random)
            let text = order.terms(json)
            let read = try #require(LinkOrder(terms: text, key: "A1"), "\(text)")
            #expect(read == order, "\(text)")
            #expect(read.terms(json) == text)
        }
    }

    /// What ledgers hold: no byte of it may change, or a key that was used is refused as one with other terms.
    @Test func theCanonicalFormStaysWhatItIs() {
        var request = CreatePayLink(amount: Money(microUSDC: 12_500_000), description: "Tea \"green\"")
        #expect(LinkOrder(request).terms(JSONWriter()) == #"{"amount":"12.50","description":"Tea \"green\""}"#)
        request.mediaURL = "https://pictures.example/1"
        request.reusable = true
        request.payer = UserID("123e4567-e89b-12d3-a456-426614174000")
        request.closeOnComplete = true
        request.locale = .turkish
        #expect(
            LinkOrder(request, expiry: .after(.seconds(900))).terms(JSONWriter())
                == #"{"amount":"12.50","description":"Tea \"green\"","media_url":"https://pictures.example/1","reusable":true,"expires_in":"900s","payer":"123e4567-e89b-12d3-a456-426614174000","close_on_complete":true,"locale":"tr"}"#
        )
        #expect(
            LinkOrder(CreatePayLink(amount: Money(microUSDC: 1), description: "x"), expiry: .at(2_000_000_000))
                .terms(JSONWriter()) == #"{"amount":"0.000001","description":"x","expires_at":2000000000}"#)
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"amount":"1"}x"#, #"{"amount":1}"#, #"{"amount":"1","colour":"red"}"#,
        #"{"amount":"1","expires_at":"soon"}"#, #"{"amount":"1","locale":"xx"}"#, #"{"amount":"1""#,
    ])
    func whatIsNoTermsOfOursIsRefused(_ text: String) {
        // A tail behind the object is not looked at.
        let order = LinkOrder(terms: text, key: nil)
        #expect(order == nil || text == #"{"amount":"1"}x"# || text == #"{"amount":"1""#, "\(text)")
    }

    @Test func everyTermIsNamedOnce() {
        let names = LinkOrder.terms.map(\.name.description)
        #expect(Set(names).count == names.count)
        #expect(names.first == "amount" && names.contains("expires_in") && names.contains("expires_at"))
    }
}
