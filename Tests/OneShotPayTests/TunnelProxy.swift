// A proxy that knows CONNECT only, and leads every tunnel to one port.

import NIOCore
import NIOPosix
import Synchronization

final class TunnelProxy: Sendable {
    let port: Int
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let requests = Mutex<[String]>([])
    }

    /// - Parameter answer: what to say instead of opening a tunnel.
    static func start(to target: Int, answer: String? = nil) async throws -> TunnelProxy {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        TunnelHandler(target: target, answer: answer, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TunnelProxy(channel: channel, log: log)
    }

    private init(channel: any Channel, log: Log) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    var requests: [String] { log.requests.withLock { $0 } }

    func stop() async {
        try? await channel.close()
    }
}

/// Reads one CONNECT, then passes bytes both ways.
private final class TunnelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let target: Int
    private let answer: String?
    private let log: TunnelProxy.Log
    private var head = ""
    private var peer: (any Channel)?

    init(target: Int, answer: String?, log: TunnelProxy.Log) {
        self.target = target
        self.answer = answer
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let peer {
            peer.writeAndFlush(bytes, promise: nil)
            return
        }
        head += String(buffer: bytes)
        guard head.hasSuffix("\r\n\r\n") else { return }
        log.requests.withLock { $0.append(head) }
        if let answer {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            return
        }
        let near = context.channel
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { far in
                far.eventLoop.makeCompletedFuture {
                    try far.pipeline.syncOperations.addHandler(BackHandler(near: near))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .assumeIsolated()
            .whenSuccess { far in
                self.peer = far
                near.writeAndFlush(
                    ByteBuffer(string: "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"), promise: nil)
            }
    }

    func channelInactive(context: ChannelHandlerContext) {
        peer?.close(promise: nil)
    }
}

private final class BackHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let near: any Channel

    init(near: any Channel) { self.near = near }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        near.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        near.close(promise: nil)
    }
}
