// One connection of a LoopbackServer: requests are taken one at a time, and their steps played.

import Glibc
import NIOCore
import NIOPosix
import NIOSSL

final class StepHandler: ChannelInboundHandler {
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
        while let request = ServerRequest.take(from: &received, connection: connection) {
            play(answer(request)[...], context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        onClose()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
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
