// Decides what may be done after an attempt: the rules of retrying in one pure function.
// How often and how soon is CallStateMachine's business.

/// What an attempt's outcome permits, and why.
struct Verdict: Sendable, Hashable {
    enum Disposition: Sendable, Hashable {
        /// Done.
        case success
        /// The request may be sent again without harm, after at least `floor`.
        case retry(floor: Duration?)
        /// The access token is stale: get another and send again.
        case refreshToken
        /// A link may or may not have been made.
        case inDoubt(salvaged: PayLinkID?, floor: Duration?)
        /// A link was made, and which one is not known: sent again, it would be made twice.
        case made(salvaged: PayLinkID?)
        /// Sending it again would change nothing.
        case final
    }

    let disposition: Disposition
    /// For logs and tests; holds nothing that differs from call to call.
    let reason: String
}

/// The rules by which a failed request is retried.
enum FailureClassifier {
    /// What kind of request it is.
    enum Kind: Sendable, Hashable {
        /// Makes a link: twice sent may be twice made.
        case create
        /// Changes nothing: a GET, or a token request.
        case read
    }

    /// - Parameters:
    ///   - tokenWasRefreshed: whether this call has already replaced a refused token.
    static func classify(_ outcome: AttemptOutcome, kind: Kind, tokenWasRefreshed: Bool) -> Verdict {
        switch outcome {
        case .success:
            return Verdict(disposition: .success, reason: "done")
        case .otherTerms:
            return Verdict(disposition: .final, reason: "the service answered with other terms")
        case .damagedReply(let salvaged):
            return kind == .create
                ? Verdict(
                    disposition: .inDoubt(salvaged: salvaged, floor: nil), reason: "a success that broke off")
                : Verdict(disposition: .retry(floor: nil), reason: "a reply that cannot be read")
        case .unreadableReply(let salvaged):
            return kind == .create
                ? Verdict(disposition: .made(salvaged: salvaged), reason: "a complete success that cannot be read")
                : Verdict(disposition: .retry(floor: nil), reason: "a reply that cannot be read")
        case .status(let status, let retryAfter):
            return classify(status: status, retryAfter: retryAfter, kind: kind, tokenWasRefreshed: tokenWasRefreshed)
        case .failure(let code, let bytesSent):
            return classify(code, bytesSent: bytesSent, kind: kind)
        }
    }

    private static func classify(
        status: Int, retryAfter: Duration?, kind: Kind, tokenWasRefreshed: Bool
    ) -> Verdict {
        switch status {
        case 401:
            return tokenWasRefreshed
                ? Verdict(disposition: .final, reason: "a fresh token was refused")
                : Verdict(disposition: .refreshToken, reason: "the token was refused")
        case 429:
            return Verdict(disposition: .retry(floor: retryAfter), reason: "told to slow down")
        case 425:  // too early: it was not looked at
            return Verdict(disposition: .retry(floor: retryAfter), reason: "the service asked for another attempt")
        case 408:
            // Not a refusal: a proxy's may come after the link was made, and a server's that closes an idle
            // connection may cross the request.
            return kind == .create
                ? Verdict(
                    disposition: .inDoubt(salvaged: nil, floor: retryAfter),
                    reason: "timed out, perhaps after making the link")
                : Verdict(disposition: .retry(floor: retryAfter), reason: "the service asked for another attempt")
        case 300..<400:
            return Verdict(disposition: .final, reason: "redirects are not followed")
        case 400..<500:
            return Verdict(disposition: .final, reason: "the service refused the request")
        case 500...:
            return kind == .create
                ? Verdict(
                    disposition: .inDoubt(salvaged: nil, floor: retryAfter),
                    reason: "the service failed, perhaps after making the link")
                : Verdict(disposition: .retry(floor: retryAfter), reason: "the service failed")
        default:  // 1xx as a final status
            return kind == .create
                ? Verdict(disposition: .inDoubt(salvaged: nil, floor: nil), reason: "a status that is no answer")
                : Verdict(disposition: .retry(floor: nil), reason: "a status that is no answer")
        }
    }

    private static func classify(_ code: OneShotPayError.Code, bytesSent: Bool, kind: Kind) -> Verdict {
        switch code {
        case .cancelled, .shutDown, .invalidRequest, .invalidConfiguration:
            return Verdict(disposition: .final, reason: "ended from this side")
        case .tlsFailed where !bytesSent:
            return Verdict(disposition: .final, reason: "the server's identity is not established")
        case .replyTooLarge where kind == .read:
            return Verdict(disposition: .final, reason: "the reply is too long")
        default:
            if !bytesSent { return Verdict(disposition: .retry(floor: nil), reason: "nothing was sent") }
            return kind == .create
                ? Verdict(
                    disposition: .inDoubt(salvaged: nil, floor: nil),
                    reason: "the connection failed after the request was sent")
                : Verdict(disposition: .retry(floor: nil), reason: "the connection failed")
        }
    }
}
