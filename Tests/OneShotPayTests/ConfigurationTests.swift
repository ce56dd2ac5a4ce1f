// Settings: what is refused, and which proxy a request takes.

import HTTPTransport
import JSON
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
}
