// Named places at which a crash test ends the process as `kill -9` would. Only debug builds have them.

import Glibc
import Synchronization

/// A place in the life of a link at which being killed would be worst.
///
/// A debug build reads `PAYLINK_CRASH_AT=name:n` and kills itself when it comes to the place for the n-th time.
package enum CrashPoint: String, Sendable, CaseIterable {
    case afterClaim = "after_claim"
    case afterSend = "after_send"
    case afterReply = "after_reply"
    case beforeCommit = "before_commit"
    case beforeRename = "before_rename"
    case insideEffect = "inside_effect"

    /// Ends the process here if it was asked for.
    package func reached() {
        #if DEBUG
            guard let plan = Self.plan, plan.point == self else { return }
            if Self.count.add(1, ordering: .relaxed).newValue == plan.count { kill(getpid(), SIGKILL) }
        #endif
    }

    #if DEBUG
        private static let count = Atomic<Int>(0)
        private static let plan: (point: CrashPoint, count: Int)? = {
            guard let text = getenv("PAYLINK_CRASH_AT").map({ String(cString: $0) }) else { return nil }
            let parts = text.split(separator: ":")
            guard parts.count == 2, let point = CrashPoint(rawValue: String(parts[0])), let count = Int(parts[1])
            else { return nil }
            return (point, count)
        }()
    #endif
}
