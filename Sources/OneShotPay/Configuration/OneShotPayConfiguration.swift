// Every setting of the client, with the defaults that a user should seldom have to change.

import Console
package import HTTPTransport

/// Settings of the client.
public struct OneShotPayConfiguration: Sendable {
    /// Time limits. Each is a duration from the moment named.
    public struct Timeouts: Sendable, Hashable {
        /// From the first step of a connection (resolving the name) until it is usable, TLS included.
        public var connect: Duration = .seconds(5)
        /// Between two arrivals of bytes while a reply is awaited.
        public var idle: Duration = .seconds(15)
        /// From sending a request until its reply is complete.
        public var request: Duration = .seconds(30)
        /// From the start of a call until its result, retries included, where the caller sets no deadline.
        public var call: Duration = .seconds(120)

        public init() {}
    }

    /// The service's address. Plain `http` is accepted only for loopback hosts.
    public var baseURL = "https://1shotpay.com"
    /// Language of the checkout page, where a request names none.
    public var locale = CheckoutLocale.english
    /// A PEM file of certificates to trust in addition to the system's.
    public var caFile: String?
    public var timeouts = Timeouts()
    /// The longest reply body that is read, in bytes.
    public var maximumReplyBytes = 1 << 20
    /// Connections to the service at one time; further requests queue.
    public var maximumConnections = 64
    /// A kept connection that has been idle for longer is closed, not used: many servers close after 5 s.
    public var maximumIdleAge: Duration = .seconds(4)
    public var retry = RetryPolicy()
    /// Requests a second that all waits together may make for polling.
    public var pollingRate = 10.0
    /// How long a link that ended unpaid is still followed for a payment that comes late; zero for not at all.
    package var lateGrace: Duration = .seconds(24 * 3_600)
    public var userAgent = "paylink (OneShotPay; Swift)"
    /// Environment variables to take proxy settings from: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` and
    /// their lower-case forms. Empty by default: the library reads no environment by itself.
    public var proxyEnvironment: [String: String] = [:]

    public init() {}

    /// The parsed base address.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    package func baseAddress() throws(OneShotPayError) -> WebAddress {
        let shown = "the base address \"\(ShownText.short(baseURL, limit: 80))\""
        let address: WebAddress
        do throws(WebAddress.Problem) {
            address = try WebAddress(parsing: baseURL)
        } catch {
            throw Self.invalid("\(shown) \(error)")
        }
        guard address.userInfo == nil else {
            throw Self.invalid("the base address contains a user name; credentials are given separately")
        }
        guard !address.target.utf8.contains(UInt8(ascii: "?")), !baseURL.utf8.contains(UInt8(ascii: "#")) else {
            throw Self.invalid("\(shown) has a query or a fragment")
        }
        guard address.isSecure || address.isLoopback else {
            throw Self.invalid("\(shown) is plain http, which is accepted only for this machine; use https")
        }
        return address
    }

    /// The base address as addresses of checkout pages begin: without a slash at its end.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    package func checkoutBaseURL() throws(OneShotPayError) -> String {
        let address = try baseAddress()
        var base = address.origin + address.target
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }

    /// The settings of a transport that follows these.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    package func transportSettings() throws(OneShotPayError) -> HTTPTransport.Settings {
        var settings = HTTPTransport.Settings()
        settings.timeouts.connect = timeouts.connect
        settings.timeouts.idle = timeouts.idle
        settings.timeouts.request = timeouts.request
        settings.maximumReplyBytes = maximumReplyBytes
        settings.maximumConnections = maximumConnections
        settings.maximumIdleAge = maximumIdleAge
        settings.caFile = caFile
        settings.proxies = try proxies()
        return settings
    }

    /// The proxies that the environment names.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    package func proxies() throws(OneShotPayError) -> ProxySettings {
        do throws(ProxySettings.Problem) {
            return try ProxySettings(environment: proxyEnvironment)
        } catch {
            throw Self.invalid("\(error)")
        }
    }

    /// Checks every setting that does not need a file.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidConfiguration``.
    public func validate() throws(OneShotPayError) {
        _ = try baseAddress()
        _ = try proxies()
        let durations = [
            ("timeouts.connect", timeouts.connect), ("timeouts.idle", timeouts.idle),
            ("timeouts.request", timeouts.request), ("timeouts.call", timeouts.call),
        ]
        for (name, value) in durations where value <= .zero {
            throw Self.invalid("\(name) must be more than zero")
        }
        guard maximumReplyBytes > 0, maximumConnections > 0 else {
            throw Self.invalid("maximumReplyBytes and maximumConnections must be more than zero")
        }
        guard pollingRate.isFinite, pollingRate > 0 else {
            throw Self.invalid("pollingRate must be more than zero requests a second")
        }
        guard retry.maximumAttempts > 0, retry.quota >= 0, retry.baseDelay >= .zero, retry.maximumDelay >= .zero else {
            throw Self.invalid("the retry policy needs at least one attempt and no negative number")
        }
        guard !userAgent.isEmpty, userAgent.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Self.invalid("userAgent must be printable ASCII")
        }
    }

    private static func invalid(_ message: String) -> OneShotPayError {
        OneShotPayError(.invalidConfiguration, message)
    }
}
