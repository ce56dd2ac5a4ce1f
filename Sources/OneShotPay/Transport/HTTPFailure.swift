// What the transport reports when there is no reply. The one fact that retries hang on is `bytesSent`.

import Console

/// Why a request brought no usable reply.
package struct HTTPFailure: Error, Sendable, CustomStringConvertible {
    package let code: OneShotPayError.Code
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
        _ code: OneShotPayError.Code, _ message: String, bytesSent: Bool, cause: String? = nil,
        partial: HTTPResponse? = nil
    ) {
        self.partial = partial
        self.code = code
        self.message = message
        self.bytesSent = bytesSent
        self.cause = cause.map { ShownText.short($0, limit: 300) }
    }
}
