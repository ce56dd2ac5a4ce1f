// What a create request may say. One case for each way to be wrong.
// The same over HTTP is APITests.

import Testing

@testable import Sandbox

@Suite struct LinkTermsTests {
    private func terms(_ text: String) throws -> LinkTerms {
        try LinkTerms(try JSONReader.parse(Array(text.utf8)), now: testStart)
    }

    @Test func readsEveryKey() throws {
        let terms = try terms(
            """
            {"amount": 8.2, "description": "Order\\n1", "reuseable": true, "mediaUrl": "https://example.com/a.png?x=1",
             "expirationTimestamp": 1800000001, "requestedPayerUserId": "123e4567-e89b-12d3-a456-426614174000"}
            """)
        #expect(terms.amount == 8_200_000)
        #expect(terms.description == "Order\n1")
        #expect(terms.reusable)
        #expect(terms.mediaURL == "https://example.com/a.png?x=1")
        #expect(terms.expirationTimestamp == 1_800_000_001)
        #expect(terms.requestedPayerUserID == "123e4567-e89b-12d3-a456-426614174000")
    }

    /// Each case replaces or adds one member of an otherwise good request; the refusal names it.
    @Test(arguments: [
        (#""foo": 1"#, "foo"), (#""reusable": true"#, "reusable"), (#""amount": "12.50""#, "amount"),
        (#""amount": 0"#, "amount"), (#""amount": -1"#, "amount"), (#""amount": 0.0000001"#, "amount"),
        (#""amount": 1e13"#, "amount"), (#""amount": null"#, "amount"), (#""description": """#, "description"),
        (#""description": "  ""#, "description"), (#""description": 7"#, "description"),
        (#""description": "a\u0000b""#, "description"), (#""reuseable": "true""#, "reuseable"),
        (#""reuseable": 0"#, "reuseable"), (#""reuseable": null"#, "reuseable"), (#""mediaUrl": null"#, "mediaUrl"),
        (#""mediaUrl": "javascript:alert(1)""#, "mediaUrl"), (#""mediaUrl": "ftp://example.com/a""#, "mediaUrl"),
        (#""mediaUrl": "https://""#, "mediaUrl"), (#""mediaUrl": "/a.png""#, "mediaUrl"),
        (#""mediaUrl": "https://exa mple.com/""#, "mediaUrl"), (#""mediaUrl": """#, "mediaUrl"),
        (#""expirationTimestamp": 1800000000"#, "expirationTimestamp"),
        (#""expirationTimestamp": 1.8e9"#, "expirationTimestamp"),
        (#""expirationTimestamp": 1900000000.5"#, "expirationTimestamp"),
        (#""expirationTimestamp": "1900000000""#, "expirationTimestamp"),
        (#""expirationTimestamp": 1900000000000"#, "expirationTimestamp"),
        (#""requestedPayerUserId": "me""#, "requestedPayerUserId"),
        (#""requestedPayerUserId": "123e4567-e89b-12d3-a456-42661417400g""#, "requestedPayerUserId"),
        (#""requestedPayerUserId": null"#, "requestedPayerUserId"),
    ])
    func refusesNamingTheKey(member: String, key: String) {
        let good = [
            "amount": #""amount": 1"#, "description": #""description": "x""#, "reuseable": #""reuseable": false"#,
        ]
        let members = good.filter { $0.key != key }.map(\.value) + [member]
        let refusal = #expect(throws: Refusal.self) { try terms("{\(members.joined(separator: ", "))}") }
        #expect(refusal?.status == 400)
        #expect(refusal?.message.contains("'\(key)'") == true)
    }

    @Test(arguments: ["amount", "description", "reuseable"])
    func refusesARequestWithoutARequiredKey(key: String) {
        let all = ["amount": "1", "description": #""x""#, "reuseable": "false"]
        let members = all.filter { $0.key != key }.map { "\"\($0.key)\": \($0.value)" }
        #expect(throws: Refusal.missing(key)) { try terms("{\(members.joined(separator: ", "))}") }
    }

    @Test func boundsTheDescription() throws {
        let most = String(repeating: "é", count: LinkTerms.descriptionLimit)
        #expect(try terms(#"{"amount": 1, "reuseable": false, "description": "\#(most)"}"#).description == most)
        #expect(throws: Refusal.self) { try terms(#"{"amount": 1, "reuseable": false, "description": "\#(most)é"}"#) }
    }
}
