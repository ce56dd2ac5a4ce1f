// Signatures against values that another implementation has computed.
//
// Made by Python 3:
//   import hmac, hashlib, base64
//   def sign(key, id, time, body):
//       text = f"{id}.{time}.".encode() + body
//       return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()

import Testing

@testable import Scripting

@Suite struct WebhookSignatureTests {
    @Test(arguments: [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330,
            Array(#"{"test": 2432232314}"#.utf8), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        ),
        ("plain-key", "order-1", 1_700_000_000, [], "v1,42zWghFgnB+1Up7XdPA2UUsX1KIEA513NqgCngsigTA="),
        ("plain-key", "order-1", 1_700_000_000, [0, 255, 10], "v1,BAqP47b4acXKWThOjyUS/usEeybc29IbCptkSYGQspo="),
    ])
    func signsAsOthersDo(_ secret: String, _ id: String, _ time: Int64, _ body: [UInt8], _ expected: String) throws {
        let signature = try WebhookSignature(secrets: Array(secret.utf8))
        #expect(signature.value(id: id, timestamp: time, body: body) == expected)
    }

    @Test func severalSecretsGiveSeveralSignatures() throws {
        let one = try WebhookSignature(secrets: Array("first".utf8))
        let two = try WebhookSignature(secrets: Array("whsec_c2Vjb25k".utf8))
        let both = try WebhookSignature(secrets: Array("first  whsec_c2Vjb25k".utf8))
        let values = [one, two].map { $0.value(id: "a", timestamp: 1, body: [1]) }
        #expect(both.value(id: "a", timestamp: 1, body: [1]) == values.joined(separator: " "))
        #expect(values[0] != values[1])
        let headers = both.headers(id: "a", timestamp: 1, body: [1])
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers[0].value == "a" && headers[1].value == "1")
    }

    @Test(arguments: ["", "   ", "whsec_", "whsec_***", "whsec_A", "good whsec_A===", "whsec_AA=A"])
    func unusableSecretsAreRefusedWithoutShowingThem(_ secret: String) {
        let problem = #expect(throws: WebhookSignature.Problem.self) {
            try WebhookSignature(secrets: Array(secret.utf8))
        }
        #expect(problem?.message.contains("A=") == false)
    }

    @Test(arguments: [
        ("", false), ("a.b", false), ("a b", false), ("a\n", false), ("é", false), ("order-1:ship", true),
    ])
    func idsAreOneWord(_ id: String, _ isFine: Bool) {
        #expect((WebhookSignature.problem(withID: id) == nil) == isFine)
    }

    @Test(
        arguments: [
            ("", []), ("Zg==", [0x66]), ("Zg", [0x66]), ("Zm8=", [0x66, 0x6F]), ("Zm9v", [0x66, 0x6F, 0x6F]),
            ("+/+/", [0xFB, 0xFF, 0xBF]),
        ] as [(String, [UInt8])])
    func base64IsRead(_ text: String, _ bytes: [UInt8]) {
        #expect(WebhookSignature.decodeBase64(text.utf8) == bytes)
    }
}
