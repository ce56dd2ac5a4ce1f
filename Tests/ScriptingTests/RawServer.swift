// A web server by hand, for scripts to talk to: what it was sent is recorded as it came, what it answers is a test's.

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A request as it arrived.
struct RawRequest: Sendable {
    let method: String
    let target: String
    /// By lower-case name; several of one name joined by a bar.
    let headers: [String: String]
    let body: String
    /// Counts requests from 0.
    let number: Int
}

enum RawReply: Sendable {
    case text(String)
    /// Breaks the connection off.
    case reset
    /// Never answers.
    case silence

    static func status(_ status: Int, _ headers: [String] = [], _ body: String = "") -> RawReply {
        let fields = headers.map { $0 + "\r\n" }.joined()
        return .text("HTTP/1.1 \(status) X\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    static func ok(_ body: String = "") -> RawReply { status(200, [], body) }
}

final class RawServer: Sendable {
    private final class Record: Sendable {
        let requests = Mutex<[RawRequest]>([])
    }

    let port: Int
    private let channel: any Channel
    private let record: Record

    private init(_ channel: any Channel, _ record: Record) {
        self.channel = channel
        self.record = record
        port = channel.localAddress?.port ?? 0
    }

    static func start(
        tls: NIOSSLContext? = nil, _ answer: @escaping @Sendable (RawRequest) -> RawReply
    ) async throws -> RawServer {
        let record = Record()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(
                        RawHandler { method, target, headers, body in
                            let request = record.requests.withLock { requests in
                                let request = RawRequest(
                                    method: method, target: target, headers: headers, body: body,
                                    number: requests.count)
                                requests.append(request)
                                return request
                            }
                            return answer(request)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(channel, record)
    }

    var requests: [RawRequest] { record.requests.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)" }

    func stop() async { try? await channel.close() }
}

private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Answer = (String, String, [String: String], String) -> RawReply

    private let answer: Answer
    private var received: [UInt8] = []

    init(_ answer: @escaping Answer) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        while let end = headEnd() {
            let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
            let words = lines[0].split(separator: " ")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                let name = parts[0].lowercased(), value = String(parts[1].drop { $0 == " " })
                headers[name] = headers[name].map { $0 + "|" + value } ?? value
            }
            let length = Int(headers["content-length"] ?? "") ?? 0
            guard received.count >= end + 4 + length else { return }
            let body = String(decoding: received[(end + 4)..<(end + 4 + length)], as: UTF8.self)
            received.removeFirst(end + 4 + length)
            play(answer(String(words[0]), String(words[1]), headers, body), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (0...(received.count - 4)).first { received[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
    }

    private func play(_ reply: RawReply, _ context: ChannelHandlerContext) {
        switch reply {
        case .text(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .silence: break
        case .reset:
            var option = linger(l_onoff: 1, l_linger: 0)
            try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
                _ = setsockopt($0, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            }
            context.close(promise: nil)
        }
    }
}
