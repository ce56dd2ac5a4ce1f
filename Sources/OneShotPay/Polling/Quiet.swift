// A simulated world knows when something can change next: looks that would see nothing are left out, so that a customer
// who pays after three days costs a few looks, and not nine thousand.

package import NIOCore

extension PayLinkEngine {
    /// What a world says of its changes.
    package struct Quiet {
        /// Counts what has changed that a look could see.
        package var changes: () -> UInt64
        /// When something is done next that is no look, and may change something.
        package var until: () -> NIODeadline
        /// Runs a look when it is due, so that it does not count as something that is done.
        package var schedule: (NIODeadline, @escaping () -> Void) -> Scheduled<Void>

        package init(
            changes: @escaping () -> UInt64, until: @escaping () -> NIODeadline,
            schedule: @escaping (NIODeadline, @escaping () -> Void) -> Scheduled<Void>
        ) {
            self.changes = changes
            self.until = until
            self.schedule = schedule
        }
    }

    /// Runs a look when it is due.
    package func scheduleLook(_ due: NIODeadline, _ look: @escaping () -> Void) -> Scheduled<Void> {
        if let quiet = environment.quiet { return quiet.schedule(due, look) }
        return eventLoop.assumeIsolated().scheduleTask(deadline: due, look)
    }

    /// How many changes there have been, as far as anybody counts them.
    package var changes: UInt64 { environment.quiet?.changes() ?? 0 }

    /// Before when a look sees nothing new; `nil` where that is unknown.
    /// - Parameter seen: how many changes there were when the last look began.
    package func quietUntil(since seen: UInt64) -> NIODeadline? {
        guard let quiet = environment.quiet, quiet.changes() == seen else { return nil }
        return quiet.until()
    }
}

extension TimeAmount {
    /// The first multiple of this pause that is not before a moment; the pause itself where nothing is known.
    package func stretched(from now: NIODeadline, to quiet: NIODeadline?) -> TimeAmount {
        guard let quiet, quiet > now + self, nanoseconds > 0 else { return self }
        let gap = (quiet - now).nanoseconds
        let (times, rest) = gap.quotientAndRemainder(dividingBy: nanoseconds)
        let (whole, overflow) = nanoseconds.multipliedReportingOverflow(by: times + (rest > 0 ? 1 : 0))
        return overflow ? .nanoseconds(.max) : .nanoseconds(whole)
    }
}
