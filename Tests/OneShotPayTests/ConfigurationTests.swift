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
            (["https_proxy": "p:1", "http_proxy": "p:1"], "http://localhost:8080", nil),
            (["https_proxy": "p:1"], "https://127.0.0.1", nil), (["https_proxy": ""], "https://a.com", nil),
        ] as [([String: String], String, String?)])
    func choosesTheProxy(environment: [String: String], address: String, proxy: String?) throws {
        let chosen = try ProxySettings(environment: environment).proxy(for: WebAddress(parsing: address))
        #expect(chosen?.description == proxy)
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
