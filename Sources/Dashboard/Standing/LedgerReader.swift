// One store of the ledger on a thread of its own: a page waits for what it asks, and for nothing else.

import Dispatch
import Ledger

/// Reads from a ledger, one question after the other.
final class LedgerReader: Sendable {
    private let queue: DispatchQueue
    private let store: any LedgerStore

    init(_ store: any LedgerStore, label: String) {
        self.store = store
        queue = DispatchQueue(label: label)
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any LedgerStore) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [store] in continuation.resume(with: Result { try body(store) }) }
        }
    }

    func close() { queue.async { [store] in store.close() } }
}
