// What the end of one create means for its row, and for the batch.

package import Ledger
package import OneShotPay
package import Recorder

/// Why a batch made no further links.
package enum BatchStop: Error, Sendable, Hashable {
    case credentials(String)
    case configuration(String)
    case ledger(LedgerError.Code, String)
    /// Too many rows on end came to nothing.
    case unreachable(String)
    /// Links were made, and the replies that name them cannot be read.
    case unreadable(String)
    case input(BatchError)
    case interrupted
}

package enum RowOutcome: Sendable, Hashable {
    case done
    /// The row itself is bad, and stays bad.
    case rejected(String)
    /// A person gave its key up meanwhile.
    case abandoned(String)
    /// It may well succeed later, or a person must look into it.
    case unfinished(String, showsTrouble: Bool)
    case stop(BatchStop)
    /// It was called off from this side.
    case cancelled

    package static func of(_ result: Result<PayLink, LinkFailure>) -> RowOutcome {
        switch result {
        case .success: .done
        case .failure(let failure): of(failure)
        }
    }

    private static func of(_ failure: LinkFailure) -> RowOutcome {
        let message = failure.message
        if let service = failure.service { return of(service) }
        switch failure.code {
        case .ledger(let code): return .stop(.ledger(code, message))
        case .recording(.keyReused): return .rejected(message)
        case .recording(.abandoned): return .abandoned(message)
        case .recording(.busy), .recording(.inDoubt): return .unfinished(message, showsTrouble: false)
        case .recording(.limitReached), .recording(.dryRun), .recording(.notFound), .recording(.notAllowed), .service,
            .file:
            return .stop(.configuration(message))
        }
    }

    private static func of(_ error: OneShotPayError) -> RowOutcome {
        switch error.code {
        case .cancelled, .shutDown: return .cancelled
        case .unauthorized: return .stop(.credentials(error.message))
        // Every further link would be as dead.
        case .invalidConfiguration, .redirectRefused, .expiredOnArrival: return .stop(.configuration(error.message))
        case .invalidRequest: return .rejected(error.message)
        case .rejected where !error.retryable: return .rejected(error.message)
        // A link with other terms than asked for was made, and is not to be published.
        case .badReply where error.link != nil: return .rejected(error.message)
        default: return .unfinished(error.description, showsTrouble: true)
        }
    }
}
