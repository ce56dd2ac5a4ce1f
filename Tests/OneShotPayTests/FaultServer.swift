// A server that misbehaves to order: raw bytes over loopback, by script, with a record of what it was asked.
// It shares no code with the client's transport: requests are parsed here, by hand.

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// One request as it arrived.
struct ServerRequest: Sendable {
    let method: String
    let path: String
    let headers: [String: String]
    let body: String
    /// Counts connections from 0.
    let connection: Int
    /// Counts requests with this method and path kind from 0.
    let number: Int

    var isToken: Bool { path.hasSuffix("/token") }
}

/// What the server does with a request, step by step.
enum ServerStep: Sendable {
    case send([UInt8])
    /// Ends the connection in order.
    case close
    /// The same after a while, in which the client may have read what came before.
    case closeAfter(TimeAmount)
    /// Breaks it off.
    case reset
    /// Keeps silent and never answers.
    case stall
    /// Sends byte by byte, so far apart.
    case drip([UInt8], every: TimeAmount)

    static func send(_ text: String) -> ServerStep { .send(Array(text.utf8)) }
}

/// Ready replies.
enum Reply {
    static let token = json(#"{"access_token":"access-1","token_type":"Bearer","expires_in":3600}"#)
    static let link = json(Sample.json())
    static let paid = json(Sample.paid())

    static func token(_ value: String, expiresIn: String = "3600") -> String {
        json(#"{"access_token":"\#(value)","token_type":"Bearer","expires_in":\#(expiresIn)}"#)
    }

    static func json(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func status(_ status: Int, _ headers: String = "", body: String = "no") -> String {
        "HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

final class FaultServer: Sendable {
    typealias Script = @Sendable (ServerRequest) -> [ServerStep]

    struct Log {
        var connections = 0
        var closed = 0
        /// Connections that the server has begun to close: over TLS its notice is on its way.
        var closing = 0
        var requests: [ServerRequest] = []
    }

    let port: Int
    private let channel: any Channel

    /// Answers token requests well, and leaves the rest to `script`; with `scriptsTokens` it leaves them all.
    static func start(
        host: String = "127.0.0.1", tls: NIOSSLContext? = nil, scriptsTokens: Bool = false, _ script: @escaping Script
    ) async throws -> FaultServer {
        let holder = Holder()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let number = holder.log.withLock { log in
                        log.connections += 1
                        return log.connections - 1
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        FaultHandler(
                            connection: number, onClosing: { holder.log.withLock { $0.closing += 1 } },
                            onClose: { holder.log.withLock { $0.closed += 1 } }
                        ) { request in
                            let numbered = holder.record(request)
                            if numbered.isToken, !scriptsTokens { return [.send(Reply.token)] }
                            return script(numbered)
                        })
                }
            }
            .bind(host: host, port: 0).get()
        return FaultServer(channel: channel, holder: holder)
    }

    final class Holder: Sendable {
        let log = Mutex(Log())

        func record(_ request: ServerRequest) -> ServerRequest {
            log.withLock { log in
                let number = log.requests.count { $0.method == request.method && $0.isToken == request.isToken }
                let numbered = ServerRequest(
                    method: request.method, path: request.path, headers: request.headers, body: request.body,
                    connection: request.connection, number: number)
                log.requests.append(numbered)
                return numbered
            }
        }
    }

    private let holder: Holder

    private init(channel: any Channel, holder: Holder) {
        self.channel = channel
        self.holder = holder
        port = channel.localAddress?.port ?? 0
    }

    var requests: [ServerRequest] { holder.log.withLock { $0.requests } }
    var closed: Int { holder.log.withLock { $0.closed } }
    var closing: Int { holder.log.withLock { $0.closing } }
    var connections: Int { holder.log.withLock { $0.connections } }
    var tokenRequests: Int { requests.count { $0.isToken } }
    var creates: [ServerRequest] { requests.filter { $0.method == "POST" && !$0.isToken } }
    var gets: [ServerRequest] { requests.filter { $0.method == "GET" } }

    func stop() async {
        try? await channel.close()
    }
}

/// Parses requests and plays their scripts. Handles one request at a time.
private final class FaultHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Int
    private let onClosing: () -> Void
    private let onClose: () -> Void
    private let answer: (ServerRequest) -> [ServerStep]
    private var received: [UInt8] = []

    init(
        connection: Int, onClosing: @escaping () -> Void, onClose: @escaping () -> Void,
        _ answer: @escaping (ServerRequest) -> [ServerStep]
    ) {
        self.connection = connection
        self.onClosing = onClosing
        self.onClose = onClose
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        while let request = takeRequest() { play(answer(request)[...], context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        onClose()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func takeRequest() -> ServerRequest? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end].split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        let bodyStart = text[..<end].utf8.count + 4
        guard received.count >= bodyStart + length else { return nil }
        let body = String(decoding: received[bodyStart..<bodyStart + length], as: UTF8.self)
        received.removeFirst(bodyStart + length)
        return ServerRequest(
            method: String(words[0]), path: String(words[1]), headers: headers, body: body, connection: connection,
            number: 0)
    }

    /// A program that another test starts may inherit the socket, and closing it would then tell the client nothing.
    private func announceEnd(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        guard (try? pipeline.handler(type: NIOSSLServerHandler.self)) == nil else { return }
        _ = try? pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            shutdown(socket, Int32(SHUT_WR))
        }
    }

    private func play(_ steps: ArraySlice<ServerStep>, _ context: ChannelHandlerContext) {
        var steps = steps
        while let step = steps.popFirst() {
            switch step {
            case .send(let bytes):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .close:
                announceEnd(context)
                context.close(promise: nil)
                onClosing()
                return
            case .closeAfter(let pause):
                context.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.play([.close], context) }
                return
            case .reset:
                // A linger time of zero makes the kernel send a reset instead of a close.
                var option = linger(l_onoff: 1, l_linger: 0)
                try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                    socket in
                    _ = setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
                }
                context.close(promise: nil)
                return
            case .stall:
                return
            case .drip(let bytes, let pause):
                guard let first = bytes.first, context.channel.isActive else { continue }
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [first])), promise: nil)
                let rest = [.drip(Array(bytes.dropFirst()), every: pause)] + steps
                context.eventLoop.assumeIsolated().scheduleTask(in: pause) { self.play(rest[...], context) }
                return
            }
        }
    }
}

extension StringProtocol {
    /// The place before the first occurrence of `text`.
    fileprivate func range(of text: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index }
            index = self.index(after: index)
        }
        return nil
    }
}
