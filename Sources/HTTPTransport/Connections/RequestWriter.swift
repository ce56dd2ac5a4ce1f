// Puts a request on the wire as one buffer that was written beforehand.
// NIOHTTP1's decoder must see the head of each request (a HEAD reply has no body), so a stand-in head passes it
// on the way out, and this handler, next to the socket, puts the real bytes in its place.

import NIOCore
import NIOHTTP1

/// Replaces the head that passes by the bytes of the request.
final class RequestWriter: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    /// The next request.
    var wire = ByteBuffer()
    /// The stand-in for any request but HEAD, made once for each connection.
    let announce = NIOAny(HTTPClientRequestPart.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))

    static var announceHead: NIOAny {
        NIOAny(HTTPClientRequestPart.head(HTTPRequestHead(version: .http1_1, method: .HEAD, uri: "/")))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(wire), promise: promise)
        wire = ByteBuffer()
    }
}
