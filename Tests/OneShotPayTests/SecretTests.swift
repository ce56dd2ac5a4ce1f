// Secrets: no description, dump or excerpt shows one.

import HTTPTransport
import NIOCore
import Testing

@testable import OneShotPay

@Suite struct SecretTests {
    @Test func credentialsNeverPrint() throws {
        let credentials = try Credentials(userID: "merchant-7", apiToken: "s3cret-token")
        var dumped = ""
        dump(credentials, to: &dumped)
        dump(["nested": credentials], to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped] {
            #expect(!text.contains("s3cret") && !text.contains("merchant-7"), "\(text)")
        }
    }

    @Test func tokensAndProxyPasswordsNeverPrint() throws {
        let token = AccessToken(generation: 1, value: "t0ken", lifetime: .seconds(1), requestedAt: .now())
        let settings = try ProxySettings(environment: ["https_proxy": "http://user:hunter2@proxy:3128"])
        let proxy = settings.proxy(for: try WebAddress(parsing: "https://example.com"))
        var dumped = "\(token)\(String(describing: proxy))\(settings)"
        dump(token, to: &dumped)
        dump(settings, to: &dumped)
        dump(proxy, to: &dumped)
        #expect(!dumped.contains("t0ken") && !dumped.contains("hunter2") && !dumped.contains("dXNlcjpodW50ZXIy"))
        #expect(proxy?.authorization == "Basic dXNlcjpodW50ZXIy")
    }

    @Test(arguments: [("", "t"), ("u", ""), ("u", "t\n"), ("u\r", "t"), ("u", "a\u{0}b")])
    func refusesUnusableCredentials(user: String, token: String) {
        let error = #expect(throws: OneShotPayError.self) { try Credentials(userID: user, apiToken: token) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func redactsByValue() {
        var redactor = Redactor(["abc", "quo\"te"])
        redactor.add(token: "abcdef")
        #expect(redactor.redact("xabcx abcdef abcabc ab") == "x***x *** ****** ab")
        #expect(redactor.redact(#"quo"te and quo\"te"#) == "*** and ***")
    }

    @Test func anEmptySecretMatchesNowhere() {
        var redactor = Redactor([""])
        redactor.add(token: "")
        #expect(redactor.redact("plain") == "plain")
    }

    @Test func remembersTheLastTokensOnly() {
        var redactor = Redactor(["api-secret"])
        for number in 0..<20 { redactor.add(token: "token-\(number)-x") }
        #expect(redactor.redact("api-secret token-19-x token-18-x") == "*** *** ***")
    }

    @Test func excerptsAreBoundedEscapedAndNeverCutASecret() {
        let redactor = Redactor(["supersecrettoken"])
        for padding in 150..<900 {
            let body = Array(
                (String(repeating: "x", count: padding) + "supersecrettoken" + String(repeating: "y", count: 2_000))
                    .utf8)
            let text = body.withUnsafeBytes { redactor.excerpt(of: $0) }
            #expect(text.count <= 201 && !text.contains("sup"), "\(padding)")
        }
        let controls = Array("a\u{1b}[31m\r\nb\u{202E}c\u{85}".utf8) + [0xFF]
        let shown = controls.withUnsafeBytes { redactor.excerpt(of: $0) }
        #expect(shown == "a\\u{1b}[31m\\r\\nb\\u{202e}c\\u{85}\u{FFFD}")
    }
}
