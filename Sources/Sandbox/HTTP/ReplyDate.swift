// Replies are dated by the sandbox's clock, not by the machine's: a client sees a service whose clock is another one.
// Done behind all that writes them, so that it holds for those that Hummingbird makes by itself, too.

import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Puts the sandbox's time into the `Date` of every reply.
final class ReplyDateHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let core: SandboxCore
    private var last = (second: Int64.min, text: "")

    init(core: SandboxCore) { self.core = core }

    /// Behind what writes heads.
    static func add(to channel: any Channel, _ core: SandboxCore) throws {
        let pipeline = channel.pipeline.syncOperations
        let encoder = try pipeline.handler(type: HTTPResponseEncoder.self)
        try pipeline.addHandler(ReplyDateHandler(core: core), position: .after(encoder))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .head(var head) = unwrapOutboundIn(data) else {
            return context.write(data, promise: promise)
        }
        let second = core.perform { _, now in now.unixSeconds }
        if second != last.second { last = (second, SandboxInstant.seconds(second).httpDate) }
        head.headers.replaceOrAdd(name: "Date", value: last.text)
        context.write(wrapOutboundOut(.head(head)), promise: promise)
    }
}

extension SandboxInstant {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
    var httpDate: String {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        return "\(day) \(1900 + parts.tm_year) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
