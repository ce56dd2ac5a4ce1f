// Asks the ledger about many keys at once, from a thread that may wait.

package import Ledger
import Synchronization

/// Looks keys up through the ledger's queue, so that one chunk is looked up while the next is being read.
package struct LedgerLookup: Sendable {
    private let ledger: LedgerWriter
    private let pause: BatchPause

    package init(_ ledger: LedgerWriter, pause: BatchPause = .blocking) {
        self.ledger = ledger
        self.pause = pause
    }

    package struct Answer: Sendable {
        /// In the order of the keys.
        package var records: [LinkRecord?] = []
        /// Keys among those without a link that another account of the same address has.
        package var elsewhere: [(key: String, account: String)] = []
    }

    /// An answer on its way.
    package final class Pending: Sendable {
        private struct State {
            var result: Result<Answer, LedgerError>?
            var whenReady: (@Sendable () -> Void)?
        }

        private let state = Mutex(State())
        private let pause: BatchPause

        fileprivate init(_ pause: BatchPause) { self.pause = pause }

        fileprivate func finish(_ result: Result<Answer, LedgerError>) {
            let ready = state.withLock { state in
                state.result = result
                return state.whenReady
            }
            ready?()
        }

        /// Waits for it; to be called once, and never on the loop to which the ledger answers.
        package func wait() throws -> Answer {
            pause { resume in
                let isReady = state.withLock { state in
                    state.whenReady = resume
                    return state.result != nil
                }
                if isReady { resume() }
            }
            guard let result = state.withLock({ $0.result }) else { throw BatchError(.interrupted, "interrupted") }
            return try result.get()
        }
    }

    /// - Parameter elsewhere: whether to ask about other accounts, too.
    package func begin(_ keys: [String], elsewhere: Bool) -> Pending {
        let pending = Pending(pause)
        ledger.read { store throws(LedgerError) in
            var answer = Answer(records: try store.links(keys: keys))
            if elsewhere {
                let open = zip(keys, answer.records).filter { $0.1?.state != .done }.map(\.0)
                if !open.isEmpty { answer.elsewhere = try store.keysOfOtherAccounts(among: open) }
            }
            return answer
        } _: {
            pending.finish($0)
        }
        return pending
    }
}
