// Lines of a reply's head that end in a bare line feed. RFC 9112 (2.2) lets a recipient take one for the end of a line,
// and curl and most others do; the parser behind this refuses them, and a create whose reply is refused is a link that
// nobody knows of. So they are given their carriage returns, and the connection is not used again.

import Glibc
import NIOCore

/// Passes bytes on, with carriage returns where a reply's head lacks them.
final class ReplyLineEnds: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum Stage {
        /// Nothing is awaited, or it is the body's turn.
        case rest
        case head
    }

    private static let lookAhead = 1_024

    private var stage = Stage.rest
    /// Whether the line so far is more than its end.
    private var lineHasText = false
    private var endsInReturn = false
    /// The beginning of the status line, as far as the status: `HTTP/1.1 1`.
    private var opening: [UInt8] = []
    /// Whether a line of the head ended so.
    private(set) var hasMended = false
    /// Whether what follows the head has such a line near its beginning: the frame of a chunked body, perhaps.
    private(set) var hasBareFeedAfterHead = false

    /// A request was sent: what comes next begins a reply.
    func expectReply() {
        stage = .head
        lineHasText = false
        endsInReturn = false
        opening.removeAll(keepingCapacity: true)
        hasMended = false
        hasBareFeedAfterHead = false
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard stage == .head else { return context.fireChannelRead(data) }
        var buffer = unwrapInboundIn(data)
        let bare = buffer.withUnsafeReadableBytes { scan($0) }
        if !bare.isEmpty { mend(&buffer, at: bare, context) }
        context.fireChannelRead(wrapInboundOut(buffer))
    }

    /// Goes through what belongs to the head, and gives the places of the feeds without a return.
    private func scan(_ bytes: UnsafeRawBufferPointer) -> [Int] {
        guard let start = bytes.baseAddress else { return [] }
        var bare: [Int] = []
        var at = 0
        while at < bytes.count {
            let feed = memchr(start + at, 0x0A, bytes.count - at).map { UnsafeRawPointer($0) - start }
            pass(UnsafeRawBufferPointer(rebasing: bytes[at..<(feed ?? bytes.count)]))
            guard let feed else { break }
            at = feed + 1
            if !endsInReturn { bare.append(feed) }
            let isEnd = !lineHasText
            lineHasText = false
            endsInReturn = false
            guard isEnd, !opening.isEmpty else { continue }
            // After an interim reply ("100 Continue") comes another head.
            if opening.last == UInt8(ascii: "1"), opening.count == 10 {
                opening.removeAll(keepingCapacity: true)
                continue
            }
            stage = .rest
            hasBareFeedAfterHead = Self.hasBareFeed(
                UnsafeRawBufferPointer(rebasing: bytes[at...].prefix(Self.lookAhead)))
            break
        }
        return bare
    }

    /// Passes a part of a line.
    private func pass(_ part: UnsafeRawBufferPointer) {
        guard let last = part.last else { return }
        endsInReturn = last == UInt8(ascii: "\r")
        lineHasText = lineHasText || part.contains { $0 != UInt8(ascii: "\r") }
        if opening.count < 10 { opening += part.prefix(10 - opening.count) }
    }

    private static func hasBareFeed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return false }
        var at = 0
        while let found = memchr(start + at, 0x0A, bytes.count - at) {
            let place = UnsafeRawPointer(found) - start
            if place == 0 || bytes[place - 1] != UInt8(ascii: "\r") { return true }
            at = place + 1
        }
        return false
    }

    private func mend(_ buffer: inout ByteBuffer, at places: [Int], _ context: ChannelHandlerContext) {
        hasMended = true
        var whole = context.channel.allocator.buffer(capacity: buffer.readableBytes + places.count)
        var start = buffer.readerIndex
        for place in places {
            let end = buffer.readerIndex + place
            if var part = buffer.getSlice(at: start, length: end - start) { whole.writeBuffer(&part) }
            whole.writeStaticString("\r")
            start = end
        }
        if var part = buffer.getSlice(at: start, length: buffer.writerIndex - start) { whole.writeBuffer(&part) }
        buffer = whole
    }
}
