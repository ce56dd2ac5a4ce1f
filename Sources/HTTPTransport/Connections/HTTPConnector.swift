// Opens one connection: name, TCP, the proxy's tunnel, TLS. Whatever fails here, no byte of a request has left.

import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#endif

/// One attempt to open a connection to an origin. Calls back exactly once unless cancelled.
final class HTTPConnector {
    private let address: WebAddress
    private let proxy: ProxySettings.Proxy?
    private let transport: HTTPTransport
    private var done: ((Result<any Channel, HTTPFailure>) -> Void)?
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?

    init(address: WebAddress, proxy: ProxySettings.Proxy?, transport: HTTPTransport) {
        self.address = address
        self.proxy = proxy
        self.transport = transport
    }

    func connect(_ done: @escaping (Result<any Channel, HTTPFailure>) -> Void) {
        self.done = done
        let limit = transport.settings.timeouts.connect
        let loop = transport.eventLoop.assumeIsolated()
        timer = loop.scheduleTask(in: TimeAmount(limit)) { [weak self] in
            guard let self else { return }
            finish(.failure(failure(.timeout, "took longer than \(limit) to connect")))
        }
        let host = proxy?.host ?? address.host
        let port = proxy?.port ?? address.port
        // One read for each readiness event: a reply fits in it, and the second read would only learn that.
        let bootstrap = ClientBootstrap(group: transport.eventLoop)
            .connectTimeout(TimeAmount(limit))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer(Self.keepFromChildren)
        let connected: EventLoopFuture<any Channel>
        if let literal = try? SocketAddress(ipAddress: host, port: port) {
            connected = bootstrap.connect(to: literal)
        } else {
            connected = bootstrap.connect(host: host, port: port)
        }
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.opened(channel)
            case .failure(let error): self.finish(.failure(self.explain(connectError: error)))
            }
        }
    }

    /// Gives up without calling back.
    func cancel() {
        done = nil
        finish(.failure(failure(.cancelled, "was cancelled")))
    }

    /// A program started meanwhile must not inherit the socket: it would hold the connection open after we close it.
    @Sendable private static func keepFromChildren(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            _ = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                fcntl($0, F_SETFD, FD_CLOEXEC)
            }
        }
    }

    // MARK: Steps

    private func opened(_ channel: any Channel) {
        guard done != nil else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        guard let proxy, address.isSecure else { return secure(channel) }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let tunnel = ProxyTunnelHandler(
            authority: "\(host):\(address.port)", authorization: proxy.authorization
        ) { problem in
            if let problem {
                self.finish(
                    .failure(
                        self.failure(
                            problem.isFinal ? .invalidConfiguration : .connectFailed,
                            "was not connected by the proxy \(proxy): \(problem.text)")))
            } else {
                self.secure(channel)
            }
        }
        attempt { try channel.pipeline.syncOperations.addHandler(tunnel) }
    }

    private func secure(_ channel: any Channel) {
        guard address.isSecure else { return finish(.success(channel)) }
        attempt {
            let isLiteral = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
            // Without a name, verification is against the address that the socket is connected to.
            let tls = try NIOSSLClientHandler(
                context: transport.tlsContext(), serverHostname: isLiteral ? nil : address.tlsName)
            let handshake = HandshakeHandler { error in
                if let error {
                    self.finish(.failure(self.explain(tlsError: error)))
                } else {
                    self.finish(.success(channel))
                }
            }
            try channel.pipeline.syncOperations.addHandlers([tls, handshake])
        }
    }

    private func attempt(_ step: () throws -> Void) {
        do {
            try step()
        } catch let error as HTTPFailure {
            finish(.failure(error))
        } catch {
            finish(.failure(explain(tlsError: error)))
        }
    }

    private func finish(_ result: Result<any Channel, HTTPFailure>) {
        timer?.cancel()
        timer = nil
        if case .failure = result { channel?.close(promise: nil) }
        channel = nil
        guard let done else { return }
        self.done = nil
        done(result)
    }

    // MARK: Reasons

    private func failure(_ code: HTTPFailure.Code, _ what: String, cause: String? = nil) -> HTTPFailure {
        HTTPFailure(code, "\(address.authority) \(what)", bytesSent: false, cause: cause)
    }

    private func explain(connectError error: any Error) -> HTTPFailure {
        let through = proxy.map { " through the proxy \($0)" } ?? ""
        if error is ChannelError, "\(error)".hasPrefix("connectTimeout") {
            return failure(.timeout, "took longer than \(transport.settings.timeouts.connect) to connect\(through)")
        }
        if let error = error as? NIOConnectionError {
            if error.connectionErrors.isEmpty, error.dnsAError != nil || error.dnsAAAAError != nil {
                let name = proxy?.host ?? address.host
                return HTTPFailure(
                    .resolveFailed, "the name \(name) could not be resolved; check it and the network",
                    bytesSent: false, cause: "\(error.dnsAError ?? error.dnsAAAAError ?? error)")
            }
            let causes = error.connectionErrors.map { "\($0.target): \(reason($0.error))" }.joined(separator: ", ")
            return failure(.connectFailed, "could not be reached\(through)", cause: causes)
        }
        return failure(.connectFailed, "could not be reached\(through)", cause: reason(error))
    }

    /// The system's own words, without the library's around them.
    private func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }

    private func explain(tlsError error: any Error) -> HTTPFailure {
        let text = "\(error)"
        if error is ChannelError || error is IOError || text.contains("EOF during handshake") {
            return failure(.connectFailed, "closed the connection during the TLS handshake", cause: text)
        }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return failure(
                .tlsFailed,
                "has a certificate that is not trusted (unknown issuer, or expired by this machine's clock); "
                    + "if it is your own authority's, give its certificate as CA file", cause: text)
        }
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            return failure(.tlsFailed, "has a certificate for another name", cause: text)
        }
        if case NIOSSLError.unableToValidateCertificate = error {
            return failure(.tlsFailed, "has a certificate for another name", cause: text)
        }
        return failure(.tlsFailed, "could not be reached over TLS", cause: text)
    }
}
