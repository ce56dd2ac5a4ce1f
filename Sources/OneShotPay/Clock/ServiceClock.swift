// The service's clock, as its replies tell it: a value without a clock of its own. Expiries are the service's to judge,
// so that they are reckoned by its time wherever this machine's is wrong.

/// What is known of the service's time.
///
/// Readings are kept with the instant of a clock that is never set and goes on while the machine sleeps: setting this
/// machine's clock right in the middle of a run spoils none.
package struct ServiceClock: Sendable {
    /// Up to so many seconds the two clocks count as agreeing.
    package static let tolerance: Int64 = 60

    /// What one reply tells: at `at`, the service's clock stood between `earliest` and `latest`, in Unix seconds.
    private struct Reading {
        var earliest: Int64
        var latest: Int64
        var at: ContinuousClock.Instant

        func isNewer(than other: Reading) -> Bool {
            let passed = other.at.seconds(until: at)
            let agrees = earliest <= other.latest + passed + 1 && latest >= other.earliest + passed
            // Where both may be true, the sharper one is kept; where they differ, a clock was set.
            return !agrees || latest - earliest <= other.latest - other.earliest
        }
    }

    private var reading: Reading?

    package init() {}

    /// Whether any reply told the time.
    package var isKnown: Bool { reading != nil }

    /// Takes in the moment at which the service says that it answered.
    /// - Parameters:
    ///   - date: whole Unix seconds, cut off.
    ///   - roundTrip: from sending the request to reading the reply: the moment lies anywhere within.
    ///   - now: when the reply was there.
    package mutating func read(_ date: Int64, roundTrip: Duration, at now: ContinuousClock.Instant) {
        let new = Reading(earliest: date, latest: date + 1 + max(0, roundTrip.wholeSecondsUp), at: now)
        if let reading, !new.isNewer(than: reading) { return }
        reading = new
    }

    /// The service's time, at least.
    package func earliest(_ now: ContinuousClock.Instant) -> Int64? {
        reading.map { $0.earliest + $0.at.seconds(until: now) }
    }

    /// The service's time, at most.
    package func latest(_ now: ContinuousClock.Instant) -> Int64? {
        reading.map { $0.latest + $0.at.seconds(until: now) }
    }

    /// How far this machine's clock is off; `nil` where nothing is known, or where they agree.
    /// - Parameter unixTime: whole seconds by this machine's clock.
    package func difference(unixTime: Int64, now: ContinuousClock.Instant) -> ClockDifference? {
        guard let earliest = earliest(now), let latest = latest(now) else { return nil }
        // Only what is certain counts: a slow reply leaves room for both.
        let gap = unixTime < earliest ? earliest - unixTime : unixTime > latest ? unixTime - latest : 0
        guard gap > Self.tolerance else { return nil }
        return ClockDifference(secondsAhead: unixTime - earliest)
    }
}

extension ContinuousClock.Instant {
    /// Whole seconds, cut off.
    fileprivate func seconds(until later: ContinuousClock.Instant) -> Int64 {
        duration(to: later).components.seconds
    }
}

extension Duration {
    /// Whole seconds, rounded up.
    var wholeSecondsUp: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
