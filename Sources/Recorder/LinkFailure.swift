// Why there is no link, whoever says so: the service, the ledger, or a limit of this run.

package import Advice
import Console
package import Ledger
package import OneShotPay

/// A failure of a recorded call: a stable code for scripts, a message for people.
package struct LinkFailure: Error, Sendable, CustomStringConvertible {
    /// Codes of the recording itself; those of the service are `OneShotPayError.Code`, the ledger's `LedgerError.Code`.
    package enum Code: String, Sendable, CaseIterable {
        /// The key belongs to other terms.
        case keyReused = "key_reused"
        /// Another run has been making the link for too long.
        case busy
        /// A person gave the key up.
        case abandoned
        /// This run may make no more links, or no more money's worth of them.
        case limitReached = "limit_reached"
        /// Nothing is done in a dry run.
        case dryRun = "dry_run"
        case notFound = "not_found"
        /// The link is none that this script made, and it runs untrusted.
        case notAllowed = "not_allowed"
        case inDoubt = "in_doubt"
    }

    package var code: ErrorCode
    package var message: String
    package var retryable: Bool
    package var link: PayLink?
    /// Until when a watch would still notice a late payment of the link. Unix seconds.
    package var lateUntil: Int64?
    /// The service's own error, when it is one.
    package var service: OneShotPayError?

    package init(_ code: Code, _ message: String, retryable: Bool = false, link: PayLink? = nil) {
        self.code = .recording(code)
        self.message = message
        self.retryable = retryable
        self.link = link
    }

    package init(_ error: OneShotPayError) {
        code = .service(error.code)
        message = error.message
        retryable = error.retryable
        link = error.link
        service = error
    }

    package init(_ error: LedgerError, link: PayLink? = nil) {
        code = .ledger(error.code)
        message = error.message
        retryable = error.code == .busy
        self.link = link
    }

    package var description: String { "\(code): \(message)" }

    /// A link that ended unpaid may be paid late: says until when that is looked for.
    mutating func tellUntilWhen(_ record: LinkRecord, grace: Duration, now: Int64, _ words: AdviceWords) {
        guard [.expired, .archived, .ignored].contains(service?.code), record.link != nil, grace > .zero else { return }
        // Seen just now, it may not be recorded yet.
        let endedAt = record.endedAt ?? now
        let until = endedAt + grace.components.seconds
        lateUntil = until
        let advice =
            "; if it is paid late all the same, \(words(.watch(script: nil))) notices it until \(TimeText.utc(until))"
        message += advice
        service?.message += advice
    }

    static func notOwn(_ id: PayLinkID, _ words: AdviceWords) -> LinkFailure {
        LinkFailure(
            .notAllowed,
            "link \(id) is none that this script made: it runs \(words(.untrusted)), and sees no others")
    }

    static var cancelled: LinkFailure {
        LinkFailure(OneShotPayError(.cancelled, "creating a link: cancelled"))
    }

    /// A link was made, and is not in the ledger.
    static func unrecorded(_ link: PayLink, _ order: LinkOrder, _ error: LedgerError, _ words: AdviceWords)
        -> LinkFailure
    {
        var failure = LinkFailure(error, link: link)
        let key = order.key.map { ShownText.short($0) }
        let advice =
            key.map { "; once the ledger works: \(words(.settle(key: $0, .link("\(link.id)"))))" } ?? ""
        failure.message =
            "link \(link.id) was made (\(link.url)), but could not be recorded: \(error.message)\(advice)"
        return failure
    }

    // MARK: Refusals of a claim

    package static func otherTerms(_ key: String, recorded: String, asked: String) -> LinkFailure {
        LinkFailure(
            .keyReused,
            "key \"\(ShownText.short(key))\" was used before with other terms: recorded \(recorded), asked for \(asked); "
                + "use another key, or the same terms")
    }

    package static func inDoubt(_ record: LinkRecord, _ words: AdviceWords) -> LinkFailure {
        let key = record.key.map { ShownText.short($0) } ?? ""
        let settling = words(.settle(key: key, .anyOfLink))
        let known = record.knownID.map { " (perhaps \($0))" } ?? ""
        guard record.knownID != nil || !record.isMade else {
            return LinkFailure(
                .inDoubt,
                "key \"\(key)\": an earlier request was answered with a success that could not be read, so a link was "
                    + "made, and would be made again; look into the account, then: \(settling)")
        }
        return LinkFailure(
            .inDoubt,
            "key \"\(key)\": an earlier request may have made the link\(known), and a payer whom it names might "
                + "see it; look into the account, then: \(settling)")
    }

    /// What is recorded under a key is a link that nobody has paid, and nobody can pay any more; `nil` when it is not so.
    package static func over(_ link: PayLink, _ order: LinkOrder) -> LinkFailure? {
        guard link.isOverUnpaid else { return nil }
        let key = order.key.map { ShownText.short($0) } ?? ""
        let moment = link.expiresAt.map { " at \(TimeText.utc($0))" } ?? ""
        let (code, what): (OneShotPayError.Code, String) =
            if link.archived {
                (.archived, "was archived")
            } else if link.ignoredByPayer {
                (.ignored, "was dismissed by its payer")
            } else {
                (.expired, "expired\(moment)")
            }
        var error = OneShotPayError(
            code,
            "key \"\(key)\": its link \(link.id) \(what) unpaid, and nobody can pay it any more; to offer it again, "
                + "use another key, such as \(key):2")
        error.link = link
        return LinkFailure(error)
    }

    package static func abandoned(_ key: String, _ words: AdviceWords) -> LinkFailure {
        let shown = ShownText.short(key)
        return LinkFailure(
            .abandoned,
            "key \"\(shown)\" was given up by hand; to make it after all: \(words(.settle(key: shown, .retry)))")
    }

    package static func busy(_ key: String, run: Int64) -> LinkFailure {
        LinkFailure(
            .busy,
            "key \"\(ShownText.short(key))\" is being made by another run (\(run)) that has not finished; try again",
            retryable: true)
    }
}

extension OneShotPayError {
    package static func invalid(_ field: String, _ message: String) -> OneShotPayError {
        OneShotPayError(.invalidRequest, message, field: field)
    }
}
