// Settings: what is refused, and which proxy a request takes.

import Testing

@testable import OneShotPay

@Suite struct ConfigurationTests {
    static func configuration(_ change: (inout OneShotPayConfiguration) -> Void) -> OneShotPayConfiguration {
        var configuration = OneShotPayConfiguration()
        change(&configuration)
        return configuration
    }

    @Test(arguments: [
        "https://1shotpay.com", "https://example.com/pay/", "http://localhost:8080", "http://127.0.0.1",
        "http://[::1]:99",
    ])
    func acceptsUsableBaseAddresses(address: String) throws {
        try Self.configuration { $0.baseURL = address }.validate()
    }

    @Test(arguments: [
        "http://1shotpay.com", "http://192.168.1.1", "1shotpay.com", "", "https://u:p@1shotpay.com",
        "https://1shotpay.com/?x=1", "https://1shotpay.com/#x",
        "http://localhost.example.com", "ftp://1shotpay.com",
    ])
    func refusesUnsafeBaseAddresses(address: String) {
        let error = #expect(throws: OneShotPayError.self) { try Self.configuration { $0.baseURL = address }.validate() }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func theLimitsAreThoseThatAreStated() {
        let configuration = OneShotPayConfiguration(), times = configuration.timeouts
        #expect(times.connect == .seconds(5) && times.idle == .seconds(15))
        #expect(times.request == .seconds(30) && times.call == .seconds(120))
        #expect(configuration.maximumReplyBytes == 1 << 20 && configuration.retry.maximumAttempts == 8)
    }

    @Test(
        arguments: [
            { @Sendable in $0.timeouts.connect = .zero }, { @Sendable in $0.timeouts.call = .seconds(-1) },
            { @Sendable in $0.maximumConnections = 0 },
            { @Sendable in $0.maximumReplyBytes = 0 }, { @Sendable in $0.pollingRate = 0 },
            { @Sendable in $0.pollingRate = .nan },
            { @Sendable in $0.retry.maximumAttempts = 0 }, { @Sendable in $0.userAgent = "a\r\nb" },
            { @Sendable in $0.proxyEnvironment = ["HTTPS_PROXY": "socks5://x"] },
            { @Sendable in $0.proxyEnvironment = ["HTTPS_PROXY": "https://x"] },
        ] as [@Sendable (inout OneShotPayConfiguration) -> Void])
    func refusesUnusableSettings(change: @Sendable (inout OneShotPayConfiguration) -> Void) {
        let error = #expect(throws: OneShotPayError.self) { try Self.configuration(change).validate() }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test(
        arguments: [
            ([:], "https://a.com", nil), (["HTTPS_PROXY": "http://p:1"], "https://a.com", "p:1"),
            (["https_proxy": "p:1", "HTTPS_PROXY": "q:2"], "https://a.com", "p:1"),
            (["HTTPS_PROXY": "http://p:1"], "http://a.com", nil), (["http_proxy": "http://p:1"], "http://a.com", "p:1"),
            (["ALL_PROXY": "http://p:1"], "https://a.com", "p:1"),
            (["HTTP_PROXY": "http://p:1"], "http://a.com", "p:1"),
            (["HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"], "http://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "*"], "https://a.com", nil),
            (["https_proxy": "p:1", "NO_PROXY": "x.org, a.com"], "https://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "a.com"], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": ".a.com"], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "*.a.com"], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "a.com"], "https://ba.com", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "a.com:8443"], "https://a.com", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "a.com:8443"], "https://a.com:8443", nil),
            (["https_proxy": "p:1", "no_proxy": "::2,[::3]"], "https://[::3]", nil),
            (["https_proxy": "p:1", "no_proxy": "::2"], "https://[::2]", nil),
            (["https_proxy": "p:1", "no_proxy": "x.org\ta.com"], "https://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "x.org\na.com\r\n"], "https://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "x.org,, ,\t a.com ,"], "https://A.com.", nil),
            (["https_proxy": "p:1", "no_proxy": "a.com."], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "BÜCHER.example"], "https://www.xn--bcher-kva.example", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://10.255.0.1", nil),
            (["https_proxy": "p:1", "no_proxy": "10.1.2.3/8"], "https://10.255.0.1", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://11.0.0.1", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://10.example.com", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "172.16.0.0/12"], "https://172.31.255.255", nil),
            (["https_proxy": "p:1", "no_proxy": "172.16.0.0/12"], "https://172.32.0.0", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.1/32"], "https://10.0.0.1", nil),
            (["https_proxy": "p:1", "no_proxy": "0.0.0.0/0"], "https://8.8.8.8", nil),
            (["https_proxy": "p:1", "no_proxy": "0.0.0.0/0"], "https://[2001:db8::1]", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "2001:db8::/33"], "https://[2001:db8:7fff::1]", nil),
            (["https_proxy": "p:1", "no_proxy": "2001:db8::/33"], "https://[2001:db8:8000::1]", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "[2001:db8::]/32"], "https://[2001:DB8:0:0::1]", nil),
            (["https_proxy": "p:1", "no_proxy": "2001:db8:0::2"], "https://[2001:db8::2]", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://[::ffff:10.0.0.1]", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8:8443"], "https://10.0.0.1:8443", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8:8443"], "https://10.0.0.1", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "[2001:db8::2]:8443"], "https://[2001:db8::2]:8443", nil),
            (["https_proxy": "p:1", "no_proxy": "0.0.1"], "https://9.0.0.1", "p:1"),
            // What means nothing excepts nothing, and spoils nothing beside it.
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/99,a.com:x,https://b.com,a.com"], "https://a.com", nil),
            (["https_proxy": "p:1", "http_proxy": "p:1"], "http://localhost:8080", nil),
            (["https_proxy": "p:1"], "https://localhost.", nil),
            (["https_proxy": "p:1"], "https://127.0.0.1", nil), (["https_proxy": ""], "https://a.com", nil),
        ] as [([String: String], String, String?)])
    func choosesTheProxy(environment: [String: String], address: String, proxy: String?) throws {
        let chosen = try ProxySettings(environment: environment).proxy(for: WebAddress(parsing: address))
        #expect(chosen?.description == proxy)
    }

    @Test func whatMeansNothingInNoProxyIsNamed() throws {
        let text = "10.0.0.0/33,a.com,https://b.com\n[::1,/8 c.com:0\t☃.example,*"
        let problems = try ProxySettings(environment: ["no_proxy": text]).problems
        let words = ["10.0.0.0/33", "https://b.com", "[::1", "/8", "c.com:0", "☃.example"]
        #expect(problems.count == words.count, "\(problems)")
        for (problem, word) in zip(problems, words) { #expect(problem.hasPrefix("\"\(word)\" ")) }
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
        ("https://Bücher.example/ü.png?é#x", "https://xn--bcher-kva.example/ü.png?é#x"),
        ("https://bücher.example:8443/a", "https://xn--bcher-kva.example:8443/a"),
        ("https://example.com/ü.png", "https://example.com/ü.png"), ("HTTPS://A.example/x", "HTTPS://A.example/x"),
        ("nonsense ü", "nonsense ü"),
    ])
    func onlyTheHostOfAPictureIsRewritten(text: String, sent: String) {
        #expect(WebAddress.withASCIIHost(text) == sent)
        var terms = Live.terms
        terms.mediaURL = text
        let json = JSONWriter()
        terms.write(to: json)
        #expect(String(decoding: json.bytes, as: UTF8.self).contains("\"mediaUrl\":\"\(sent)\""))
    }

    @Test func aBadProxyAddressIsNotRepeated() {
        let error = #expect(throws: OneShotPayError.self) {
            try ProxySettings(environment: ["https_proxy": "http://user:hunter2@bad host"])
        }
        #expect(error?.message.contains("hunter2") == false && error?.message.contains("https_proxy") == true)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func encodesBase64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }
}
