// Asks a proxy for a tunnel (CONNECT) and reads its answer, nothing more; then steps out of the way.

import NIOCore

/// Opens a tunnel to `authority` and reports once: `nil` for success, else what went wrong.
final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    struct Problem {
        let text: String
        /// The proxy's settled no: asked again, it would say the same, and may lock the account.
        var isFinal = false
    }

    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let maximumReplyBytes = 8_192

    private let authority: String
    private let authorization: String?
    private var done: ((Problem?) -> Void)?
    private var received: [UInt8] = []

    init(authority: String, authorization: String?, _ done: @escaping (Problem?) -> Void) {
        self.authority = authority
        self.authorization = authorization
        self.done = done
    }

    func handlerAdded(context: ChannelHandlerContext) {
        var request = context.channel.allocator.buffer(capacity: 256)
        request.writeString("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n")
        if let authorization { HTTPRequest.write(header: "Proxy-Authorization", authorization, to: &request) }
        request.writeStaticString("\r\n")
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard done != nil else { return }
        received.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        guard let end = endOfHead() else {
            if received.count > Self.maximumReplyBytes { finish("its answer is too long") }
            return
        }
        let line = received.prefix { $0 != 0x0D && $0 != 0x0A }
        let words = line.split(separator: 0x20, maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8),
            let status = Int(String(decoding: words[1], as: UTF8.self))
        else { return finish("it did not answer in HTTP") }
        guard (200..<300).contains(status) else {
            return switch status {
            case 407 where authorization != nil:
                finish("it refused the user name and password (407): check those in the proxy's address", isFinal: true)
            case 407:
                finish(
                    "it wants a user name and password (407), given as http://user:password@host:port", isFinal: true)
            case 403: finish("it forbids the connection (403): ask whoever runs it to allow it", isFinal: true)
            default: finish("it answered with status \(status)")
            }
        }
        // The far side speaks only after our first TLS message, so nothing can follow the head yet.
        guard end == received.count else { return finish("it sent more than an answer") }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        finish(nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish("\(error)")
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish("it closed the connection")
        context.fireChannelInactive()
    }

    /// Behind the empty line. A line may end in a bare line feed, as in any other reply.
    private func endOfHead() -> Int? {
        var lineLength = 0
        for (place, byte) in received.enumerated() {
            switch byte {
            case 0x0A where lineLength == 0 && place > 0: return place + 1
            case 0x0A: lineLength = 0
            case 0x0D: break
            default: lineLength += 1
            }
        }
        return nil
    }

    private func finish(_ problem: String?, isFinal: Bool = false) {
        let done = self.done
        self.done = nil
        done?(problem.map { Problem(text: $0, isFinal: isFinal) })
    }
}
