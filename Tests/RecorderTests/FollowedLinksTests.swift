// Which links a watch looks at and when ended ones are looked at again; what it tells of looks that fail. With made-up times.

import Console
import Ledger
import NIOCore
import OneShotPay
import Testing

@testable import Recorder

@Suite struct FollowedLinksTests {
    private static let unixStart: Int64 = 1_800_000_000
    private static let hour: Int64 = 3_600

    private static func time(_ seconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .seconds(seconds)
    }

    private static func ended(_ row: LinkRow, at: Int64 = 0, lookedAt: Int64? = nil) -> EndedLink {
        EndedLink(row: row, endedAt: unixStart + at, lookedAt: lookedAt.map { unixStart + $0 })
    }

    /// The instants, in seconds since its end, at which one ended link is looked at. Each look takes a second.
    private static func looks(grace: Duration, until end: Int64, startsAt start: Int64 = 0) -> [Int64] {
        var links = FollowedLinks(LateLooks(grace: grace))
        _ = links.take(ended: [ended(1)], now: time(start), unixTime: unixStart + start)
        var looks: [Int64] = []
        for second in start...end {
            guard !links.dueLooks(now: time(second), unixTime: unixStart + second).isEmpty else { continue }
            looks.append(second)
            links.looked(late: 1, isSeen: true, now: time(second + 1), unixTime: unixStart + second + 1)
        }
        return looks
    }

    @Test func anEndedLinkIsLookedAtRarelyUntilItsGraceIsOver() {
        let looks = Self.looks(grace: .seconds(24 * Self.hour), until: 30 * Self.hour)
        #expect(looks.prefix(5) == [2, 60, 600, 3_600, 7_201])
        #expect(looks.count == 27 && looks.last == 24 * Self.hour)
        #expect(zip(looks.dropFirst(3), looks.dropFirst(4).dropLast()).allSatisfy { $1 - $0 >= Self.hour })
        #expect(Self.looks(grace: .seconds(300), until: Self.hour) == [2, 60, 300])
        #expect(Self.looks(grace: .seconds(1), until: Self.hour) == [1])
        #expect(Self.looks(grace: .zero, until: Self.hour) == [])
    }

    @Test func aWatchThatBeginsLaterLooksAtOnceAndThenRarely() {
        let looks = Self.looks(grace: .seconds(24 * Self.hour), until: 12 * Self.hour, startsAt: 5_000)
        #expect(looks.prefix(3) == [5_000, 8_601, 12_202])
    }

    @Test func theLedgerSaysWhatToBeginAndWhatToStop() {
        var links = FollowedLinks(LateLooks(grace: .seconds(Self.hour)))
        func take(_ open: [LinkRow], _ ended: [EndedLink] = [], at second: Int64) -> ([LinkRow], [LinkRow]) {
            links.open.beginReading()
            links.open.list(open, now: Self.time(second))
            let stop = links.take(ended: ended, now: Self.time(second), unixTime: Self.unixStart + second)
            let gone = links.open.endReading()
            return (links.open.wake(now: Self.time(second)), (stop.open + stop.ended + gone).sorted())
        }
        #expect(take([1, 2, 3], at: 0) == ([1, 2, 3], []))
        #expect(take([1, 2, 3], at: 0) == ([], []))
        // Another process saw 2 paid and 3 expired.
        #expect(take([1, 4], [Self.ended(3)], at: 0) == ([4], [2, 3]))
        #expect(links.dueLooks(now: Self.time(1), unixTime: Self.unixStart + 1) == [])
        #expect(links.dueLooks(now: Self.time(2), unixTime: Self.unixStart + 2) == [3])
        // One look at a time, and no more of it once the link can be paid again.
        #expect(links.dueLooks(now: Self.time(90), unixTime: Self.unixStart + 90) == [])
        #expect(take([1, 3, 4], at: 90) == ([3], [3]))
        #expect(links.ended == 0)
    }

    @Test func aLookThatAnotherWatchMadePutsOursOff() {
        var links = FollowedLinks(LateLooks(grace: .seconds(24 * Self.hour)))
        let start = Self.unixStart
        _ = links.take(
            ended: [Self.ended(1, lookedAt: 3_600)], now: Self.time(7_000), unixTime: start + 7_000)
        _ = links.take(
            ended: [Self.ended(1, lookedAt: 7_100)], now: Self.time(7_150), unixTime: start + 7_150)
        #expect(links.dueLooks(now: Self.time(7_300), unixTime: start + 7_300) == [])
        #expect(links.dueLooks(now: Self.time(10_699), unixTime: start + 10_699) == [])
        #expect(links.dueLooks(now: Self.time(10_700), unixTime: start + 10_700) == [1])
    }

    @Test func aLateLookThatFailsIsRepeatedAfterAPause() {
        var links = FollowedLinks(LateLooks(grace: .seconds(24 * Self.hour)))
        _ = links.take(ended: [Self.ended(1)], now: Self.time(0), unixTime: Self.unixStart)
        #expect(links.dueLooks(now: Self.time(2), unixTime: Self.unixStart + 2) == [1])
        links.looked(late: 1, isSeen: false, now: Self.time(3), unixTime: Self.unixStart + 3)
        #expect(links.dueLooks(now: Self.time(602), unixTime: Self.unixStart + 602) == [])
        #expect(links.dueLooks(now: Self.time(603), unixTime: Self.unixStart + 603) == [1])
    }

    @Test func onlySoManyLateLooksAreUnderWayAtOnce() {
        var links = FollowedLinks(LateLooks(grace: .seconds(Self.hour)))
        _ = links.take(ended: (1...100).map { Self.ended($0) }, now: Self.time(0), unixTime: Self.unixStart)
        let first = links.dueLooks(now: Self.time(5), unixTime: Self.unixStart + 5)
        #expect(first.count == 32)
        for row in first { links.looked(late: row, isSeen: true, now: Self.time(6), unixTime: Self.unixStart + 6) }
        let second = links.dueLooks(now: Self.time(6), unixTime: Self.unixStart + 6)
        #expect(second.count == 32 && Set(second).isDisjoint(with: first))
    }
}

@Suite struct LookTroubleTests {
    private static func time(_ seconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .seconds(seconds)
    }
    private static let ids = (1...3).map { PayLinkID(high: 1, low: $0) }

    @Test func anOutageIsToldOnceWithItsCount() {
        var trouble = LookTrouble()
        var told: [(Int64, String)] = []
        for second in Int64(0)..<600 {
            let message = trouble.failed(Self.ids[Int(second % 3)], "status 403", now: Self.time(second))
            if let message { told.append((second, message.text)) }
        }
        #expect(told.map(\.0) == [0, 60, 180, 420])
        #expect(told[0].1 == "a look failed and is repeated: status 403")
        #expect(told[1].1 == "61 looks failed within 60 s, 3 links are not seen; the last one: status 403")
        #expect(trouble.links == 3 && trouble.longestUnseen(now: Self.time(600)) == .seconds(600))
        #expect(trouble.over(Self.ids[0], now: Self.time(601)) == nil)
        #expect(trouble.over(Self.ids[1], now: Self.time(602)) == nil)
        #expect(
            trouble.over(Self.ids[2], now: Self.time(603))?.text
                == "looks succeed again, after 600 looks that failed within 10 min")
        #expect(trouble.longestUnseen(now: Self.time(604)) == nil)
        // The next one is a new trouble.
        #expect(trouble.failed(Self.ids[0], "x", now: Self.time(700))?.level == .warn)
    }

    @Test func aLinkThatIsNeverSeenIsOneAlthoughOthersAre() {
        var trouble = LookTrouble()
        _ = trouble.failed(Self.ids[0], "status 404", now: Self.time(0))
        for second in Int64(1)..<300 {
            _ = trouble.over(Self.ids[1], now: Self.time(second))
            _ = trouble.failed(Self.ids[0], "status 404", now: Self.time(second))
        }
        #expect(trouble.links == 1 && trouble.longestUnseen(now: Self.time(300)) == .seconds(300))
    }
}
