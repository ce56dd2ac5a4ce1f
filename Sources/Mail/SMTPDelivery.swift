// One message on its way: opens the connection, feeds SMTPConversation, does what it says, keeps the time.

import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

#if canImport(Glibc)
    import Glibc
#endif

/// A message that is being sent.
package final class SMTPDelivery {
    private let envelope: SMTPEnvelope
    private let sender: SMTPSender
    private var done: ((Result<MailReceipt, MailFailure>) -> Void)?
    private var conversation: SMTPConversation
    private var channel: (any Channel)?
    private var wholeTimer: Scheduled<Void>?
    private var replyTimer: Scheduled<Void>?
    private var isHandshaking = false

    init(_ envelope: SMTPEnvelope, sender: SMTPSender, _ done: @escaping (Result<MailReceipt, MailFailure>) -> Void) {
        self.envelope = envelope
        self.sender = sender
        self.done = done
        conversation = SMTPConversation(
            .init(
                server: envelope.server.shown, security: envelope.server.security, credentials: envelope.credentials,
                clientName: sender.clientName, sender: envelope.sender, recipients: envelope.recipients,
                needsUTF8: envelope.needsUTF8, message: envelope.message))
    }

    /// Gives up without calling back. What has left, has left.
    package func cancel() {
        done = nil
        perform([.close])
    }

    func start() {
        let timeouts = envelope.timeouts
        let loop = sender.eventLoop.assumeIsolated()
        wholeTimer = loop.scheduleTask(in: timeouts.whole) { [weak self] in
            self?.broke("was not done within \(timeouts.whole.shown)")
        }
        startReplyTimer(timeouts.connect, "took longer than \(timeouts.connect.shown) to connect")
        let server = envelope.server
        let bootstrap = ClientBootstrap(group: sender.eventLoop)
            .connectTimeout(timeouts.connect)
            .channelInitializer(Self.keepFromChildren)
        let connected: EventLoopFuture<any Channel>
        if let literal = try? SocketAddress(ipAddress: server.host, port: server.port) {
            connected = bootstrap.connect(to: literal)
        } else {
            connected = bootstrap.connect(host: server.host, port: server.port)
        }
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.opened(channel)
            case .failure(let error): self.broke(Self.reason(error))
            }
        }
    }

    // MARK: The connection

    private func opened(_ channel: any Channel) {
        guard done != nil else { return channel.close(promise: nil) }
        self.channel = channel
        if envelope.server.security == .loopback, !(channel.remoteAddress?.isLoopback ?? false) {
            return broke("is not on this machine, and nothing is sent unprotected")
        }
        do {
            if envelope.server.security == .implicit {
                isHandshaking = true
                try channel.pipeline.syncOperations.addHandler(try tlsHandler())
            }
            try channel.pipeline.syncOperations.addHandler(SMTPChannelHandler(self))
        } catch {
            return broke(Self.reason(error))
        }
        if !isHandshaking { greeted() }
    }

    private func greeted() {
        startReplyTimer()
        perform(conversation.connected())
    }

    private func tlsHandler() throws -> NIOSSLClientHandler {
        let host = envelope.server.host
        let isLiteral = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        // Without a name, verification is against the address that the socket is connected to.
        let name = isLiteral ? nil : envelope.server.tlsName
        return try NIOSSLClientHandler(context: sender.tlsContext(), serverHostname: name)
    }

    fileprivate func received(_ bytes: ByteBuffer) {
        startReplyTimer()
        perform(conversation.received(bytes.readableBytesView))
    }

    fileprivate func handshakeCompleted() {
        isHandshaking = false
        if envelope.server.security == .implicit { return greeted() }
        startReplyTimer()
        perform(conversation.secured())
    }

    fileprivate func failed(_ error: any Error) {
        if isHandshaking, let problem = Self.identityProblem(error) {
            report(.failure(MailFailure(.refused, "mail server \(envelope.server.shown) \(problem)")))
            return perform([.close])
        }
        broke(Self.reason(error))
    }

    fileprivate func closed() {
        broke(isHandshaking ? "closed the connection during the TLS handshake" : "closed the connection")
    }

    private func broke(_ what: String) { perform(conversation.broke(what)) }

    private func perform(_ actions: [SMTPConversation.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes): write(bytes, promise: nil)
            case .sendBody(let bytes):
                // The server owes no answer before it has the whole message; the time for all of it still runs.
                replyTimer?.cancel()
                let written = sender.eventLoop.makePromise(of: Void.self)
                written.futureResult.assumeIsolated().whenSuccess {
                    self.startReplyTimer()
                    self.perform(self.conversation.bodyWritten())
                }
                write(bytes, promise: written)
            case .startTLS:
                guard let channel else { return }
                do {
                    isHandshaking = true
                    try channel.pipeline.syncOperations.addHandler(try tlsHandler(), position: .first)
                } catch {
                    broke(Self.reason(error))
                }
            case .finish(let result): report(result)
            case .close:
                stopTimers()
                channel?.close(promise: nil)
                channel = nil
            }
        }
    }

    private func write(_ bytes: [UInt8], promise: EventLoopPromise<Void>?) {
        guard let channel else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: promise)
    }

    private func report(_ result: Result<MailReceipt, MailFailure>) {
        guard let done else { return }
        self.done = nil
        sender.eventLoop.assumeIsolated().execute { done(result) }
        // The goodbye has a moment, no more.
        startReplyTimer(.seconds(2))
    }

    // MARK: Time

    private func startReplyTimer(_ limit: TimeAmount? = nil, _ what: String? = nil) {
        replyTimer?.cancel()
        let limit = limit ?? envelope.timeouts.reply
        replyTimer = sender.eventLoop.assumeIsolated().scheduleTask(in: limit) { [weak self] in
            self?.broke(what ?? "did not answer within \(limit.shown)")
        }
    }

    private func stopTimers() {
        wholeTimer?.cancel()
        replyTimer?.cancel()
        wholeTimer = nil
        replyTimer = nil
    }

    // MARK: Reasons

    /// A program started meanwhile must not inherit the socket: it would hold the connection open after we close it.
    @Sendable private static func keepFromChildren(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            _ = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                fcntl($0, F_SETFD, FD_CLOEXEC)
            }
        }
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? MailFailure { return "cannot be reached: \(error.message)" }
        if let error = error as? NIOConnectionError {
            if error.connectionErrors.isEmpty { return "cannot be reached: its name could not be resolved" }
            let causes = error.connectionErrors.map { "\($0.target): \(system($0.error))" }.joined(separator: ", ")
            return "cannot be reached: \(causes)"
        }
        return error is IOError ? "broke off: \(system(error))" : "broke off: \(MailFailure.shown("\(error)"))"
    }

    private static func system(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }

    /// Who the server claims to be and is not: again would end the same way.
    private static func identityProblem(_ error: any Error) -> String? {
        if "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
            return "has a certificate that is not trusted (unknown issuer, or expired); if it is your own authority's, "
                + "give its certificate as CA file"
        }
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            return "has a certificate for another name"
        }
        if case NIOSSLError.unableToValidateCertificate = error { return "has a certificate for another name" }
        return nil
    }
}

extension TimeAmount {
    fileprivate var shown: String {
        nanoseconds % 1_000_000_000 == 0 ? "\(nanoseconds / 1_000_000_000) s" : "\(nanoseconds / 1_000_000) ms"
    }
}

extension SocketAddress {
    fileprivate var isLoopback: Bool {
        ipAddress.map { $0 == "::1" || $0.hasPrefix("127.") || $0.hasPrefix("::ffff:127.") } ?? false
    }
}

/// Passes what the channel has to say to its delivery.
private final class SMTPChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let delivery: SMTPDelivery

    init(_ delivery: SMTPDelivery) { self.delivery = delivery }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { delivery.received(unwrapInboundIn(data)) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { delivery.handshakeCompleted() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { delivery.failed(error) }

    func channelInactive(context: ChannelHandlerContext) { delivery.closed() }
}
