// What the transport reports when there is no reply. The one fact that retries hang on is `bytesSent`.

import Console

/// Why a request brought no usable reply.
package struct HTTPFailure: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. The raw value is stable and is what scripts compare.
    package enum Code: String, Sendable, Hashable {
        /// The request cannot be written; nothing was sent.
        case invalidRequest = "invalid_request"
        /// A setting is unusable, or a proxy refuses for good.
        case invalidConfiguration = "invalid_configuration"
        case resolveFailed = "resolve_failed"
        case connectFailed = "connect_failed"
        case tlsFailed = "tls_failed"
        case timeout
        case cancelled
        /// The connection broke after a request was sent and before its reply was complete.
        case connectionLost = "connection_lost"
        /// What came is no HTTP.
        case badReply = "bad_reply"
        case replyTooLarge = "reply_too_large"
        /// The transport was shut down.
        case shutDown = "shut_down"
    }

    package let code: Code
    /// For people; holds no secret, since nothing of the request or reply goes into it.
    package let message: String
    /// False only if it is certain that no byte of the request left this machine.
    package let bytesSent: Bool
    /// The failure underneath.
    package let cause: String?
    /// What had arrived of the reply, when at least its head had.
    package internal(set) var partial: HTTPResponse?

    package var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }

    package init(
        _ code: Code, _ message: String, bytesSent: Bool, cause: String? = nil,
        partial: HTTPResponse? = nil
    ) {
        self.partial = partial
        self.code = code
        self.message = message
        self.bytesSent = bytesSent
        self.cause = cause.map { ShownText.short($0, limit: 300) }
    }
}
