// One open connection: writes a request in one piece, gathers the reply, and knows when it may be used again.
// Parsing is NIOHTTP1's; this handler sits behind its decoder.

import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#endif

/// One connection to an origin, and the channel handler behind it.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    // Strong, although the pool holds its connections: a connection that is open keeps what it reports to alive, and
    // the cycle ends when it closes, which the transport's deadlines see to even if nobody shuts the client down.
    private let pool: HTTPConnectionPool
    private let transport: HTTPTransport
    private let writer = RequestWriter()
    private let lineEnds = ReplyLineEnds()
    private var context: ChannelHandlerContext?
    private var exchange: HTTPExchange?
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var isComplete = false
    /// Cleared when anything went wrong that does not spoil the reply already received.
    private var isReusable = true
    private var isClosed = false
    private var lastActivity: NIODeadline
    /// When the connection became idle.
    var idleSince: NIODeadline

    /// Its number is the channel's for as long as that is active.
    private var socket: NIOBSDSocket.Handle?

    init(pool: HTTPConnectionPool, transport: HTTPTransport) {
        self.pool = pool
        self.transport = transport
        idleSince = transport.eventLoop.now
        lastActivity = idleSince
    }

    /// Adds the HTTP handlers to a channel that is connected (and, for https, secured).
    func install(on channel: any Channel) throws {
        socket = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = min(limits.maxHeaderFieldSize, transport.settings.maximumHeaderBytes)
        limits.maxHeaderListSize = transport.settings.maximumHeaderBytes
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([writer, lineEnds, ByteToMessageHandler(decoder), self])
    }

    // MARK: The pool's side

    /// Whether a request is on the connection.
    var isActive: Bool { exchange != nil }

    /// Whether a connection without a request is still good. Looks at the socket each time, with one system call: the
    /// event loop learns of a close only on its next round, and a request sent until then would be in doubt.
    func isFresh(now: NIODeadline) -> Bool {
        guard !isClosed, let context, context.channel.isActive else { return false }
        if now - idleSince > transport.maximumIdleAge { return false }
        guard let socket else { return false }
        var bytes: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
        let count = recv(socket, &bytes, 5, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        if count < 0 { return errno == EAGAIN || errno == EWOULDBLOCK }
        // 0 is the server's close. Bytes are unasked for, except that TLS may still send session tickets.
        return count > 0 && pool.address.isSecure && !Self.isAlert(bytes, count: count)
    }

    /// Whether a TLS record is, or may be, the notice that the server closes. TLS 1.3 encrypts it as application data
    /// of 19 bytes; a session ticket is longer.
    private static func isAlert(_ head: (UInt8, UInt8, UInt8, UInt8, UInt8), count: Int) -> Bool {
        head.0 == 0x15 || (head.0 == 0x17 && count == 5 && head.3 == 0 && head.4 < 32)
    }

    /// Writes a request. The connection must be idle.
    func start(_ exchange: HTTPExchange, now: NIODeadline) {
        guard let context, !isClosed else {
            exchange.finish(
                .failure(HTTPFailure(.connectFailed, "the connection closed before it was used", bytesSent: false)))
            return
        }
        self.exchange = exchange
        exchange.connection = self
        exchange.activeDeadline = min(exchange.deadline, now + transport.requestTimeout)
        lastActivity = now
        transport.wake(by: min(exchange.activeDeadline, now + transport.idleTimeout))
        writer.wire = exchange.wire
        lineEnds.expectReply()
        context.writeAndFlush(exchange.isHead ? RequestWriter.announceHead : writer.announce, promise: nil)
    }

    /// Ends the request under way, if any, with a failure, and closes the connection.
    func fail(_ failure: HTTPFailure) {
        let exchange = self.exchange
        self.exchange = nil
        close()
        guard let exchange else { return }
        var failure = failure
        failure.partial = head.map { HTTPResponse(status: Int($0.status.code), fields: $0.headers, body: body) }
        exchange.finish(.failure(failure))
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        context?.close(promise: nil)
        pool.remove(self)
    }

    /// Fails a request that is overdue or closes a connection that has been idle too long; returns when to look again.
    func checkDeadline(now: NIODeadline) -> NIODeadline {
        guard let exchange else {
            let end = idleSince + transport.maximumIdleAge
            if end > now { return end }
            close()
            return .distantFuture
        }
        let idleEnd = lastActivity + transport.idleTimeout
        if exchange.activeDeadline <= now {
            let what =
                exchange.activeDeadline == exchange.deadline
                ? "in the time that was left" : "within \(transport.settings.timeouts.request)"
            fail(HTTPFailure(.timeout, "\(pool.address.authority) did not answer \(what)", bytesSent: true))
            return .distantFuture
        }
        if idleEnd <= now {
            let time = transport.settings.timeouts.idle
            fail(HTTPFailure(.timeout, "\(pool.address.authority) sent nothing for \(time)", bytesSent: true))
            return .distantFuture
        }
        return min(exchange.activeDeadline, idleEnd)
    }

    // MARK: The channel's side

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard exchange != nil, self.head == nil else { return close() }
            self.head = head
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }),
                length > maximumReplyBytes, exchange?.isHead != true
            {
                failTooLarge()
            }
        case .body(var part):
            guard exchange != nil else { return }
            if body.readableBytes + part.readableBytes > maximumReplyBytes { return failTooLarge() }
            if body.readableBytes == 0 {
                body = part
            } else {
                body.writeBuffer(&part)
            }
        case .end:
            isComplete = exchange != nil
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isComplete, pool.address.isSecure {
            // The notice that the server closes may have been read together with the reply, where no look at the socket
            // finds it: TLS has dealt with it by the loop's next round.
            context.eventLoop.assumeIsolated().execute { if self.isComplete { self.complete() } }
        } else if isComplete {
            complete()
        } else if exchange != nil {
            lastActivity = transport.eventLoop.now
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        lastActivity = transport.eventLoop.now
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isReusable = false
        if isComplete { return complete() }
        let cause = "\(error)"
        let isParserError =
            error is HTTPParserError || error is NIOHTTPDecoderError || error is ByteToMessageDecoderError
        // The parser reports a reply that ends early as one of its own errors.
        if isParserError, context.channel.isActive {
            let isChunked = head?.headers.contains(name: "transfer-encoding") ?? false
            let why =
                isChunked && lineEnds.hasBareFeedAfterHead
                ? ": lines between the parts of its reply end in a bare line feed, without a carriage return" : ""
            fail(
                HTTPFailure(
                    .badReply, "\(pool.address.authority) did not answer in HTTP\(why)", bytesSent: true, cause: cause))
        } else {
            fail(connectionLost(cause: cause))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        if isComplete { complete() }
        fail(connectionLost(cause: nil))
        pool.remove(self)
    }

    // MARK: Ends

    private func complete() {
        isComplete = false
        guard let exchange, let head else { return close() }
        let response = HTTPResponse(status: Int(head.status.code), fields: head.headers, body: body)
        self.exchange = nil
        self.head = nil
        body = ByteBuffer()
        if head.isKeepAlive, isReusable, !lineEnds.hasMended, !isClosed, response.status != 101 {
            pool.release(self)
        } else {
            close()
        }
        exchange.finish(.success(response))
    }

    private var maximumReplyBytes: Int { exchange?.maximumReplyBytes ?? transport.settings.maximumReplyBytes }

    private func failTooLarge() {
        let limit = maximumReplyBytes
        fail(
            HTTPFailure(
                .replyTooLarge, "the reply of \(pool.address.authority) is longer than \(limit) bytes", bytesSent: true)
        )
    }

    private func connectionLost(cause: String?) -> HTTPFailure {
        HTTPFailure(
            .connectionLost, "the connection to \(pool.address.authority) broke before the reply was complete",
            bytesSent: true, cause: cause)
    }
}
