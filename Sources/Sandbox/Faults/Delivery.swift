// How a reply leaves: whole through Hummingbird, or spoilt by writing to and closing the channel beneath it.
// A reset is a real one: linger time zero makes the kernel send RST and drop what is unsent.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Carries a reply out over one connection.
struct Delivery {
    /// Thrown once the connection is gone, to end Hummingbird's handling of it.
    struct ConnectionGone: Error {}

    var channel: any Channel

    /// Sends the exchange's reply as its fault demands, or hands back the response to send.
    /// - Throws: ``ConnectionGone`` when the fault has ended the connection.
    func deliver(_ exchange: Exchange, isHead: Bool = false) async throws -> Response {
        guard let fault = exchange.fault else { return Self.response(exchange.reply, isHead: isHead) }
        if fault.delay > .zero { try await Task.sleep(for: fault.delay) }
        switch fault.action {
        case .latency(let wait): try await Task.sleep(for: wait)
        case .resetBeforeCommit, .resetAfterCommit:
            await reset()
            throw ConnectionGone()
        case .truncate(let limit, let extent):
            let head = exchange.reply.head()
            let body = exchange.reply.body
            await sendRaw(extent == .body ? head + body.prefix(limit) : Array((head + body).prefix(limit)))
            throw ConnectionGone()
        case .slowBody(let rate): return Self.slow(exchange.reply, bytesPerSecond: max(rate, 1))
        case .hugeBody(let bytes): return Self.huge(exchange.reply, bytes: max(bytes, 0))
        default: break
        }
        return Self.response(exchange.reply, isHead: isHead)
    }

    /// The whole reply as Hummingbird sends it. A header that HTTP does not allow is left out.
    static func response(_ reply: Reply, isHead: Bool = false) -> Response {
        var fields = HTTPFields()
        fields[.contentType] = reply.contentType
        for header in reply.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        let response = Response(
            status: HTTPResponse.Status(code: reply.status),
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body))
        )
        return isHead ? response.createHeadResponse() : response
    }

    private static func slow(_ reply: Reply, bytesPerSecond rate: Int) -> Response {
        var response = response(reply)
        let body = reply.body
        let chunk = max(rate / 10, 1)
        let pause = Duration.seconds(Double(chunk) / Double(rate))
        response.body = ResponseBody(contentLength: body.count) { writer in
            var rest = body[...]
            while !rest.isEmpty {
                try await Task.sleep(for: pause)
                try await writer.write(ByteBuffer(bytes: rest.prefix(chunk)))
                rest = rest.dropFirst(chunk)
            }
            try await writer.finish(nil)
        }
        return response
    }

    private static func huge(_ reply: Reply, bytes: Int) -> Response {
        var response = response(reply)
        response.body = ResponseBody(contentLength: bytes) { writer in
            let block = ByteBuffer(repeating: UInt8(ascii: "["), count: 65_536)
            var rest = bytes
            while rest > 0 {
                try await writer.write(block.getSlice(at: 0, length: min(rest, block.readableBytes)) ?? block)
                rest -= block.readableBytes
            }
            try await writer.finish(nil)
        }
        return response
    }

    private func reset() async {
        if let socket = channel as? any SocketOptionProvider {
            try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await channel.close()
    }

    /// Writes bytes past the HTTP encoder, then closes the connection in good order.
    private func sendRaw(_ bytes: [UInt8]) async {
        let channel = self.channel
        try? await channel.eventLoop.flatSubmit {
            do {
                let encoder = try channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                let written = channel.eventLoop.makePromise(of: Void.self)
                encoder.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: written)
                return written.futureResult
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }.get()
        try? await channel.close()
    }
}
