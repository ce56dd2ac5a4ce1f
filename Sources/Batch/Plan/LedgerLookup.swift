// Asks the ledger about many keys at once, from a thread that may wait.

import Dispatch
package import Ledger
import Synchronization

/// Looks keys up through the ledger's queue, so that one chunk is looked up while the next is being read.
package struct LedgerLookup: Sendable {
    private let ledger: LedgerWriter

    package init(_ ledger: LedgerWriter) { self.ledger = ledger }

    package struct Answer: Sendable {
        /// In the order of the keys.
        package var records: [LinkRecord?] = []
        /// Keys among those without a link that another account of the same address has.
        package var elsewhere: [(key: String, account: String)] = []
    }

    /// An answer on its way.
    package final class Pending: Sendable {
        private let done = DispatchSemaphore(value: 0)
        private let result = Mutex<Result<Answer, LedgerError>?>(nil)

        fileprivate func finish(_ result: Result<Answer, LedgerError>) {
            self.result.withLock { $0 = result }
            done.signal()
        }

        /// Waits for it; to be called once, and never on the loop to which the ledger answers.
        package func wait() throws(LedgerError) -> Answer {
            done.wait()
            let result = result.withLock { $0 }
            guard let result else { return Answer() }
            return try result.get()
        }
    }

    /// - Parameter elsewhere: whether to ask about other accounts, too.
    package func begin(_ keys: [String], elsewhere: Bool) -> Pending {
        let pending = Pending()
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
