// HTTP/1.1 over kept connections, on one event loop, by callbacks: no hop between threads, one write and one read
// a request. Owns the pools, the TLS context and the one timer behind all deadlines.

package import NIOCore
import NIOSSL

/// Sends HTTP requests from one event loop. Every call must come from that loop.
package final class HTTPTransport {
    /// Time limits. Each is a duration from the moment named.
    package struct Timeouts: Sendable {
        /// From the first step of a connection (resolving the name) until it is usable, TLS included.
        package var connect: Duration = .seconds(5)
        /// Between two arrivals of bytes while a reply is awaited.
        package var idle: Duration = .seconds(15)
        /// From sending a request until its reply is complete.
        package var request: Duration = .seconds(30)

        package init() {}
    }

    package struct Settings: Sendable {
        package var timeouts = Timeouts()
        package var maximumReplyBytes = 1 << 20
        package var maximumHeaderBytes = 64 << 10
        /// For each scheme, host and port.
        package var maximumConnections = 64
        package var maximumIdleAge: Duration = .seconds(4)
        package var caFile: String?
        package var proxies = ProxySettings.none

        package init() {}
    }

    package let eventLoop: any EventLoop
    package let settings: Settings
    let allocator = ByteBufferAllocator()
    // Settings in the units of the event loop.
    let idleTimeout: TimeAmount
    let requestTimeout: TimeAmount
    let maximumIdleAge: TimeAmount

    private var pools: [String: HTTPConnectionPool] = [:]
    private var tls: Result<NIOSSLContext, HTTPFailure>?
    private(set) var isShutDown = false
    // One lazy timer for everything: deadlines only ever move it forward, and what it finds late it schedules anew.
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture

    package init(settings: Settings, eventLoop: any EventLoop) {
        self.settings = settings
        self.eventLoop = eventLoop
        idleTimeout = TimeAmount(settings.timeouts.idle)
        requestTimeout = TimeAmount(settings.timeouts.request)
        maximumIdleAge = TimeAmount(settings.maximumIdleAge)
    }

    /// The connections to the origin of `address`.
    package func pool(for address: WebAddress) -> HTTPConnectionPool {
        let key = address.origin
        if let pool = pools[key] { return pool }
        let pool = HTTPConnectionPool(address: address, transport: self)
        pools[key] = pool
        return pool
    }

    /// Sends a request and calls back exactly once, never before this call returns.
    /// - Parameters:
    ///   - deadline: when the caller loses interest; the request's own time limits apply as well.
    ///   - maximumReplyBytes: the longest reply body; `nil` takes the setting.
    @discardableResult
    package func send(
        _ request: HTTPRequest, deadline: NIODeadline = .distantFuture, maximumReplyBytes: Int? = nil,
        _ done: @escaping (Result<HTTPResponse, HTTPFailure>) -> Void
    ) -> HTTPExchange {
        let pool = pool(for: request.address)
        do throws(HTTPFailure) {
            let forwarding = request.address.isSecure ? nil : pool.proxy
            let wire = try request.wireBytes(allocator: allocator, proxy: forwarding)
            return pool.send(
                wire, isHead: request.method == "HEAD", deadline: deadline, maximumReplyBytes: maximumReplyBytes, done)
        } catch {
            let failure = error
            let exchange = HTTPExchange(
                wire: ByteBuffer(), isHead: false, deadline: deadline, pool: pool, done)
            eventLoop.assumeIsolated().execute { exchange.finish(.failure(failure)) }
            return exchange
        }
    }

    /// Closes every connection, fails what is under way with code `shut_down`, and calls back.
    package func shutdown(_ done: @escaping () -> Void) {
        isShutDown = true
        timer?.cancel()
        timer = nil
        for pool in pools.values { pool.shutdown() }
        eventLoop.assumeIsolated().execute(done)
    }

    /// The TLS context, made on first use: reading the system's roots takes milliseconds that plain http need not pay.
    func tlsContext() throws(HTTPFailure) -> NIOSSLContext {
        if let tls { return try tls.get() }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        let made: Result<NIOSSLContext, HTTPFailure>
        do {
            if let file = settings.caFile {
                let extra = try NIOSSLCertificate.fromPEMFile(file)
                configuration.additionalTrustRoots = [.certificates(extra)]
            }
            made = .success(try NIOSSLContext(configuration: configuration))
        } catch {
            let what = settings.caFile.map {
                "the CA file \"\($0)\" cannot be used: it must be readable PEM certificates"
            }
            made = .failure(
                HTTPFailure(.tlsFailed, what ?? "TLS cannot be set up", bytesSent: false, cause: "\(error)"))
        }
        tls = made
        return try made.get()
    }

    // MARK: Deadlines

    /// Makes sure that the deadlines are looked at no later than at `deadline`.
    @inline(__always)
    func wake(by deadline: NIODeadline) {
        guard deadline < timerDeadline else { return }
        setTimer(deadline)
    }

    private func setTimer(_ deadline: NIODeadline) {
        timer?.cancel()
        timerDeadline = deadline
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            self?.checkDeadlines()
        }
    }

    private func checkDeadlines() {
        timer = nil
        timerDeadline = .distantFuture
        let now = eventLoop.now
        for pool in pools.values {
            let next = pool.checkDeadlines(now: now)
            if next < .distantFuture { wake(by: next) }
        }
    }
}
