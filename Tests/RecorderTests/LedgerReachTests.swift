// How much of the ledger a watch reads, by marks and times alone.

import NIOCore
import Testing

@testable import Recorder

@Suite struct LedgerReachTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    /// Reads as a watch does, and tells how much.
    private func read(_ reach: inout LedgerReach, _ mark: Int64, after seconds: Int64) -> LedgerReach.Extent {
        let now = start + .seconds(seconds)
        let extent = reach.extent(mark: mark, now: now)
        if extent != .nothing { reach.didRead(extent, mark: mark, now: now) }
        return extent
    }

    @Test func readsEverythingFirstAndThenWhatIsNew() {
        var reach = LedgerReach()
        #expect(read(&reach, 1, after: 0) == .everything)
        #expect(read(&reach, 1, after: 2) == .nothing)
        #expect(read(&reach, 2, after: 4) == .recent)
        #expect(read(&reach, 2, after: 6) == .nothing)
    }

    /// What a person decides about an old event is no new one: only reading everything shows it, also when nobody
    /// commits anything after it.
    @Test func anOldEventThatIsLetLooseIsFoundWithinAMinute() {
        var reach = LedgerReach()
        _ = read(&reach, 1, after: 0)
        #expect(read(&reach, 2, after: 30) == .recent)
        #expect(read(&reach, 2, after: 59) == .nothing)
        #expect(read(&reach, 2, after: 60) == .everything)
        #expect(read(&reach, 2, after: 1_000) == .nothing)
    }

    @Test func aFailureIsMadeUpFor() {
        var reach = LedgerReach()
        _ = read(&reach, 1, after: 0)
        reach.didFail()
        #expect(read(&reach, 1, after: 2) == .everything)
    }
}
