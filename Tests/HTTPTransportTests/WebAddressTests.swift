// Web addresses, taken apart; and the base64 of their user names.

import Testing

@testable import HTTPTransport

@Suite struct WebAddressTests {
    @Test func takesAnAddressApart() throws {
        let address = try WebAddress(parsing: "HTTPS://user:pw@API.Example.com:8443/base/path?q=1#frag")
        #expect(address.isSecure && address.host == "api.example.com" && address.port == 8443)
        #expect(address.userInfo == "user:pw" && address.target == "/base/path?q=1")
        #expect(address.authority == "api.example.com:8443")
        let ipv6 = try WebAddress(parsing: "http://[::1]:80?x")
        #expect(ipv6.host == "::1" && ipv6.authority == "[::1]" && ipv6.target == "/?x" && ipv6.isLoopback)
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com", "http://", "https:///path", "http://exa mple.com",
        "http://example.com:0", "http://example.com:65536",
        "http://example.com:x", "http://[::1", "http://[nope]", "http://[::1]x", "http://exam<ple", "http://a\\b",
        "javascript:alert(1)", "http://a\nb",
        "https://ex%61mple.com",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(throws: WebAddress.Problem.self) { try WebAddress(parsing: text) }
    }

    @Test(arguments: [
        ("http://localhost", true), ("http://LOCALHOST:8080", true), ("http://a.localhost", true),
        ("http://127.0.0.1", true), ("http://127.9.9.9", true),
        ("http://[::1]", true), ("http://127.0.0.1.example.com", false), ("http://localhost.example.com", false),
        ("http://128.0.0.1", false),
        ("http://127.0.0", false), ("http://0.0.0.0", false), ("http://127.0.0.256", false),
    ])
    func knowsThisMachine(text: String, isLoopback: Bool) throws {
        #expect(try WebAddress(parsing: text).isLoopback == isLoopback)
    }

    @Test(
        arguments: [
            ("https://Bücher.example/x", "xn--bcher-kva.example"), ("https://faß.example", "xn--fa-hia.example"),
            ("https://bu\u{308}cher.example:8443", "xn--bcher-kva.example"), ("https://xn--bcher-kva.example", nil),
            ("https://日本語。テスト./", "xn--wgv71a119e.xn--zckzah."), ("https://ＡＢＣ.example", "abc.example"),
            ("https://１２７.0.0.1", "127.0.0.1"), ("https://127.0.0.1.", "127.0.0.1"),
            ("https://Example.COM.", "example.com."),
            ("https://u_v.example", nil),
        ] as [(String, String?)])
    func hostsAreNamesThatDNSKnows(text: String, host: String?) throws {
        let address = try WebAddress(parsing: text)
        #expect(address.host == host ?? String(text.dropFirst(8)))
        #expect(!address.tlsName.hasSuffix("."))
    }

    @Test(arguments: [
        ("https://☃.example", "☃"), ("https://www.-ü.example", "-ü"), ("https://a\u{200D}b.example", "aU+200Db"),
        ("https://x／y.example", "/"), ("https://a..b", "dot"), ("https://.a", "dot"), ("https://ü..a", "dot"),
        ("https://\(String(repeating: "x", count: 64)).example", "63"),
    ])
    func whatIsNoHostIsNamed(text: String, word: String) {
        let problem = #expect(throws: WebAddress.Problem.self) { try WebAddress(parsing: text) }
        #expect(problem?.description.contains(word) == true, "\(String(describing: problem))")
    }

    /// With a user name in the address, the "host" may be a piece of the password.
    @Test func aHostBesideAPasswordIsNotRepeated() {
        let problem = #expect(throws: WebAddress.Problem.self) { try WebAddress(parsing: "https://u:p@se☃cret#@h") }
        #expect(problem?.description.contains("se☃cret") == false)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func encodesBase64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
