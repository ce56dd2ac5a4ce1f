// The one error type of this library: a stable code for programs, a message for people, and no secrets.

/// Why a call failed.
public struct OneShotPayError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is. The raw value is stable and is what scripts compare.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The credentials were refused, or an access token was refused right after it was issued.
        case unauthorized
        case notFound = "not_found"
        /// The service asked to slow down for longer than the call had time.
        case rateLimited = "rate_limited"
        /// The terms of a link are unusable; nothing was sent. See ``OneShotPayError/field``.
        case invalidRequest = "invalid_request"
        /// The service refused the request with another 4xx status.
        case rejected
        /// The service failed with a 5xx status.
        case serverError = "server_error"
        /// A create was sent and its outcome is unknown: a link may exist.
        case inDoubt = "in_doubt"
        case timeout
        case cancelled
        case connectFailed = "connect_failed"
        case resolveFailed = "resolve_failed"
        case tlsFailed = "tls_failed"
        /// The connection broke after a request was sent and before its reply was complete.
        case connectionLost = "connection_lost"
        /// A successful status with a reply that cannot be used.
        case badReply = "bad_reply"
        /// A create was answered with a complete success that cannot be read: a link was made, and nobody knows which.
        /// Sent again, it would be made again.
        case unreadableReply = "unreadable_reply"
        case replyTooLarge = "reply_too_large"
        /// The service answered with a redirect, which is never followed.
        case redirectRefused = "redirect_refused"
        /// The service could not be seen for the whole of a wait: that says nothing of the customer.
        case unreachable
        /// The link was made, but its time was over when it came back.
        case expiredOnArrival = "expired_on_arrival"
        /// The link was paid with less than its amount.
        case underpaid
        /// The link expired unpaid.
        case expired
        /// The link was archived unpaid.
        case archived
        /// The named payer dismissed the link.
        case ignored
        case invalidConfiguration = "invalid_configuration"
        /// The client was shut down.
        case shutDown = "shut_down"
    }

    public var code: Code
    /// What failed, with which id, and what to do next. For people; may change between versions.
    public var message: String
    /// The HTTP status, when the service answered.
    public var status: Int?
    /// Whether the same call may well succeed later.
    public var retryable = false
    /// How long the service asked to wait.
    public var retryAfter: Duration?
    /// The last state seen of the link that the call was about.
    public var link: PayLink?
    /// The failure underneath, as text without secrets.
    public var cause: String?
    /// The request's field that is wrong, with code ``Code/invalidRequest``.
    public var field: String?
    /// False only if it is certain that no byte of a request left this machine.
    public var bytesSent = false
    /// The id that a damaged reply to a create showed, with code ``Code/inDoubt`` or ``Code/unreadableReply``.
    package var knownID: PayLinkID?
    /// How many attempts of a create may each have made a link that nobody knows of.
    public var possibleOrphans = 0

    package init(
        _ code: Code, _ message: String, status: Int? = nil, retryable: Bool = false, retryAfter: Duration? = nil,
        cause: String? = nil, field: String? = nil, bytesSent: Bool = false
    ) {
        self.code = code
        self.message = message
        self.status = status
        self.retryable = retryable
        self.retryAfter = retryAfter
        self.cause = cause
        self.field = field
        self.bytesSent = bytesSent
    }

    public var description: String {
        guard let cause, !message.contains(cause) else { return "\(code.rawValue): \(message)" }
        return "\(code.rawValue): \(message) (\(cause))"
    }

    /// The code, and the status if there is one: nothing that differs from call to call. For metrics and grouping.
    public var shortDescription: String {
        guard let status else { return code.rawValue }
        return "\(code.rawValue) \(status)"
    }
}
