// The ledger of a test's world: one book in memory for all processes, so that one that is started again finds what was
// recorded.

import Ledger
import OneShotPay
import Simulation

extension TestWorld {
    /// A store for one run of a process. What it commits, others may see.
    func store() -> any LedgerStore {
        let store = MemoryLedger(scope: Self.scope, book: book, now: { [unowned self] in Int64(unixTime) }) {
            [unowned self] in EffectToken.random(using: &random)
        }
        return FaultyStore(store, failure: { nil }, whenCommitted: { [unowned self] _ in time.noteChange() })
    }

    /// Reads what is recorded.
    var reader: any LedgerStore { MemoryLedger(scope: Self.scope, book: book) }
}
