// Work that blocks, done away from the event loop for a task that waits for it.

import Dispatch
import NIOCore

/// What to do with an outcome, until nobody wants it any more. Belongs to the event loop.
private final class Pending<Outcome> {
    var done: ((Outcome) -> Void)?
    init(_ done: @escaping (Outcome) -> Void) { self.done = done }
}

extension ScriptHost {
    /// Runs `work` on another thread, and then `done` on the loop unless it was abandoned.
    /// - Returns: how to abandon it; the work itself goes on to its end.
    func offLoop<Outcome: Sendable>(
        _ work: @escaping @Sendable () -> Outcome, _ done: @escaping (Outcome) -> Void
    ) -> () -> Void {
        if options.world != nil {
            // Nothing else runs meanwhile, and no time passes.
            let outcome = work()
            let pending = Pending(done)
            soon {
                pending.done?(outcome)
                pending.done = nil
            }
            return { pending.done = nil }
        }
        let pending = NIOLoopBound(Pending(done), eventLoop: eventLoop)
        let loop = eventLoop
        DispatchQueue.global().async {
            let outcome = work()
            loop.execute {
                let done = pending.value.done
                pending.value.done = nil
                done?(outcome)
            }
        }
        return { pending.value.done = nil }
    }
}
