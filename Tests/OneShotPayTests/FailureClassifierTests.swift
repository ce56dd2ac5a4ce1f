// What a failed attempt means: what may be sent again, and what may have happened.

import NIOCore
import Testing

@testable import OneShotPay

@Suite struct FailureClassifierTests {
    typealias Case = (AttemptOutcome, create: Verdict.Disposition, read: Verdict.Disposition)

    static let cases: [Case] = [
        (.success, .success, .success),
        (.otherTerms, .final, .final),
        (.damagedReply(salvaged: nil), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (.unreadableReply(salvaged: nil), .made(salvaged: nil), .retry(floor: nil)),
        (.unreadableReply(salvaged: Live.id), .made(salvaged: Live.id), .retry(floor: nil)),
        (.status(400, retryAfter: nil), .final, .final), (.status(402, retryAfter: nil), .final, .final),
        (.status(403, retryAfter: nil), .final, .final), (.status(404, retryAfter: nil), .final, .final),
        (.status(409, retryAfter: nil), .final, .final), (.status(422, retryAfter: .seconds(1)), .final, .final),
        (.status(301, retryAfter: nil), .final, .final), (.status(307, retryAfter: nil), .final, .final),
        (.status(401, retryAfter: nil), .refreshToken, .refreshToken),
        (.status(407, retryAfter: nil), .final, .final),
        (.status(408, retryAfter: nil), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (
            .status(408, retryAfter: .seconds(2)), .inDoubt(salvaged: nil, floor: .seconds(2)),
            .retry(floor: .seconds(2))
        ),
        (.status(425, retryAfter: .seconds(1)), .retry(floor: .seconds(1)), .retry(floor: .seconds(1))),
        (.failure(.invalidConfiguration, bytesSent: false), .final, .final),
        (.status(429, retryAfter: .seconds(3)), .retry(floor: .seconds(3)), .retry(floor: .seconds(3))),
        (.status(429, retryAfter: nil), .retry(floor: nil), .retry(floor: nil)),
        (.status(500, retryAfter: nil), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (
            .status(503, retryAfter: .seconds(2)), .inDoubt(salvaged: nil, floor: .seconds(2)),
            .retry(floor: .seconds(2))
        ),
        (.status(599, retryAfter: nil), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (.status(101, retryAfter: nil), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (.failure(.connectFailed, bytesSent: false), .retry(floor: nil), .retry(floor: nil)),
        (.failure(.resolveFailed, bytesSent: false), .retry(floor: nil), .retry(floor: nil)),
        (.failure(.timeout, bytesSent: false), .retry(floor: nil), .retry(floor: nil)),
        (.failure(.tlsFailed, bytesSent: false), .final, .final),
        (.failure(.timeout, bytesSent: true), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (.failure(.connectionLost, bytesSent: true), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (.failure(.badReply, bytesSent: true), .inDoubt(salvaged: nil, floor: nil), .retry(floor: nil)),
        (.failure(.replyTooLarge, bytesSent: true), .inDoubt(salvaged: nil, floor: nil), .final),
        (.failure(.cancelled, bytesSent: true), .final, .final),
        (.failure(.shutDown, bytesSent: false), .final, .final),
    ]

    @Test(arguments: cases.indices)
    func decidesByWhatMayHaveHappened(index: Int) {
        let (outcome, create, read) = Self.cases[index]
        let created = FailureClassifier.classify(outcome, kind: .create, tokenWasRefreshed: false)
        let got = FailureClassifier.classify(outcome, kind: .read, tokenWasRefreshed: false)
        #expect(created.disposition == create, "create: \(outcome)")
        #expect(got.disposition == read, "read: \(outcome)")
        #expect(!created.reason.isEmpty && !got.reason.isEmpty)
    }

    @Test func refreshesATokenOnce() {
        let verdict = FailureClassifier.classify(.status(401, retryAfter: nil), kind: .read, tokenWasRefreshed: true)
        #expect(verdict.disposition == .final)
    }

    /// No status but "slow down" and "too early", and no failure after bytes were sent lets a create be repeated as if nothing had happened.
    @Test func neverRetriesACreateThatMayHaveHappened() {
        for status in Array(100..<600) where status / 100 != 2 {
            let verdict = FailureClassifier.classify(
                .status(status, retryAfter: nil), kind: .create, tokenWasRefreshed: false)
            if case .retry = verdict.disposition { #expect(status == 429 || status == 425) }
        }
        for code in OneShotPayError.Code.allCases {
            let verdict = FailureClassifier.classify(
                .failure(code, bytesSent: true), kind: .create, tokenWasRefreshed: false)
            if case .retry = verdict.disposition { Issue.record("\(code) is retried after bytes were sent") }
        }
    }
}
