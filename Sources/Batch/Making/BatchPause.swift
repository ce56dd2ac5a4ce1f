// How the thread of a batch waits for its event loop, its ledger and its mapping.

import Dispatch
import Synchronization

/// Stops a thread until something has happened elsewhere. In a simulated world, where nothing happens while a thread
/// sleeps, that world says what waiting is.
package struct BatchPause: Sendable {
    /// Calls `begin` with what is to be called once it has happened, and returns after that; or when it is given up.
    package typealias Wait = @Sendable (_ begin: (@escaping @Sendable () -> Void) -> Void) -> Void

    private let wait: Wait

    package init(_ wait: @escaping Wait) { self.wait = wait }

    /// Blocks the thread.
    package static let blocking = BatchPause { begin in
        let done = DispatchSemaphore(value: 0)
        begin { done.signal() }
        done.wait()
    }

    func callAsFunction(_ begin: (@escaping @Sendable () -> Void) -> Void) { wait(begin) }

    /// The value that `begin` hands on, now or later.
    /// - Throws: the failure that it hands on; ``BatchError`` with code `interrupted` when waiting was given up.
    func value<Value: Sendable>(
        _ begin: (@escaping @Sendable (Result<Value, any Error>) -> Void) -> Void
    ) throws -> Value {
        let kept = Kept<Value>()
        wait { resume in
            begin { result in
                kept.result.withLock { $0 = result }
                resume()
            }
        }
        guard let result = kept.result.withLock({ $0 }) else { throw BatchError(.interrupted, "interrupted") }
        return try result.get()
    }

    private final class Kept<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
    }
}
