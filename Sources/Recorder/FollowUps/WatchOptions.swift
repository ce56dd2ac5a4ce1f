// What a watch is told, and what it tells.

import NIOCore
package import OneShotPay

/// How a watch goes about its work.
package struct WatchOptions: Sendable {
    /// What the follow-ups' effects belong to: the same name is the same watch.
    package var name: String
    /// Look at every open link once, follow up, and end.
    package var isSweep = false
    /// Also what was paid or expired so long before the first watch of this name.
    package var reachesBack: Duration?
    /// How long a follow-up that may run more than once is tried, from its first run on.
    package var retryFor: Duration = .seconds(7 * 86_400)
    /// How many follow-ups run at once.
    package var width = 16
    /// How often the ledger is asked for what other processes made.
    package var pace: Duration = .seconds(2)
    /// By how many events the watch's mark goes on at once, at least and at most: what is before it is not gone through again.
    package var step = 100...10_000
    /// How many open links are read at once; of more, most readings look at the newest so many.
    package var page = 20_000
    /// Told of the state of things, on the event loop: after every change of it, and in any case at every pace.
    package var report: (@Sendable (WatchState) -> Void)?

    package init(name: String) { self.name = name }
}

/// Where a watch stands.
package struct WatchState: Sendable, Hashable {
    /// Links that can still be paid, and are looked at.
    package var following = 0
    /// How many open links the ledger has shown so far, while it is still being read.
    package var listed: Int?
    /// Links that have ended, and are looked at rarely in case they are paid late.
    package var ended = 0
    /// Links that can still be paid and were not seen at their last look.
    package var notSeen = 0
    /// Follow-ups that were run and succeeded.
    package var done = 0
    /// Runs of follow-ups that failed.
    package var failures = 0
    package var running = 0
    package var queued = 0
    /// Failed, and run again later.
    package var waiting = 0
    /// Left to a person: `paylink ledger doubt list`.
    package var parked = 0
    /// Links that could not be looked at in this sweep.
    package var unseen = 0
    /// The ledger was read without a failure at the last attempt.
    package var readsLedger = true
    /// Whether each open link was seen within the bound.
    package var reachesService = true
    package var waits = WaitFigures()

    package init() {}

    /// Whether whoever supervises the watch may be content: it reads the ledger, and sees each open link.
    package var isWell: Bool { readsLedger && reachesService }
}
