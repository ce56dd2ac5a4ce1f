// What one attempt came to, stripped to the facts that decide what happens next.

/// What one attempt came to.
enum AttemptOutcome: Sendable, Hashable {
    /// A 2xx whose body is the verified answer.
    case success
    /// A 2xx that is well formed but not what was asked: the link it shows has other terms.
    case otherTerms
    /// A 2xx that broke off, or one to a read that makes no sense; with the id that could still be found in it.
    case damagedReply(salvaged: PayLinkID?)
    /// A 2xx to a create that arrived whole and cannot be read: it says that a link was made, and not which.
    case unreadableReply(salvaged: PayLinkID?)
    /// Any other status, with the wait that the server asked for.
    case status(Int, retryAfter: Duration?)
    /// No reply.
    case failure(OneShotPayError.Code, bytesSent: Bool)
}
