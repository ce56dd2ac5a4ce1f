// Whose turn it is among the open links of a watch, and what is remembered of one between two looks. With made-up times.

import Ledger
import NIOCore
import Testing

@testable import OneShotPay
@testable import Recorder

@Suite struct OpenLinksTests {
    private static func time(_ seconds: Double) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .nanoseconds(Int64(seconds * 1e9))
    }

    private static func listed(_ rows: [LinkRow], at second: Double = 0) -> OpenLinks {
        var links = OpenLinks()
        links.beginReading()
        links.list(rows, now: time(second))
        return links
    }

    @Test func theFirstThatAreListedHaveTheirTurnFirst() {
        var links = Self.listed(Array((1...200).reversed()))
        #expect(links.count == 200 && links.resting.count == 200 && links.resting.load == 100)
        let first = links.wake(now: Self.time(0))
        #expect(first == Array((137...200).reversed()))
        // No more than there is room for.
        #expect(links.wake(now: Self.time(5)) == [] && links.nextDue == nil)
        #expect(links.count == 200 && links.resting.count == 136 && links.awake == 64)
        links.rest(200, WaitRest(until: Self.time(30), load: 0.25))
        #expect(links.nextDue == Self.time(0))
        #expect(links.wake(now: Self.time(5)) == [136])
    }

    @Test func whatALookLeftBehindIsThereAtTheNext() {
        var links = Self.listed([1, 2])
        #expect(links.wake(now: Self.time(0)) == [1, 2])
        #expect(links.memory(1) == WaitMemory())
        links.rest(1, WaitRest(until: Self.time(9), load: 0.125, memory: WaitMemory(failures: 3, unseenPayments: 2)))
        links.rest(2, WaitRest(until: Self.time(4), load: 0.5, memory: WaitMemory(failures: 100_000)))
        #expect(links.resting.count == 2 && links.resting.load == 0.625)
        #expect(links.memory(1) == nil, "its turn has not come")
        #expect(links.wake(now: Self.time(5)) == [2])
        #expect(links.memory(2)?.failures == 255)
        #expect(links.wake(now: Self.time(9)) == [1])
        #expect(links.memory(1) == WaitMemory(failures: 3, unseenPayments: 2))
    }

    @Test func aLinkIsOpenUntilAWholeReadingHasNotShownIt() {
        var links = Self.listed([1, 2, 3, 4])
        #expect(links.endReading() == [])
        #expect(links.wake(now: Self.time(0)) == [1, 2, 3, 4])
        links.rest(4, .unseen(Self.time(50)))
        // A reading of the newest alone says nothing of the others.
        links.list([5, 4], now: Self.time(1))
        #expect(links.count == 5)
        links.beginReading()
        links.list([6, 2], now: Self.time(2))
        #expect(links.count == 6)
        // 1 and 3 are being looked at; 4 and 5 rest.
        #expect(links.endReading().sorted() == [1, 3])
        #expect(links.count == 2 && links.awake == 1)
        #expect(links.wake(now: Self.time(100)) == [6], "an entry of a link that is gone counts no more")
    }

    /// Whoever tells of failing looks has to hear of it.
    @Test func aLinkThatGoesAfterAFailedLookIsReported() {
        var links = Self.listed([1, 2, 3])
        #expect(links.wake(now: Self.time(0)) == [1, 2, 3])
        links.rest(1, WaitRest(until: Self.time(9), load: 0.5, memory: WaitMemory(failures: 1)))
        links.rest(2, WaitRest(until: Self.time(9), load: 0.5))
        links.rest(3, WaitRest(until: Self.time(9), load: 0.5, memory: WaitMemory(failures: 1)))
        let isReported = links.remove(3)
        #expect(isReported)
        links.beginReading()
        let gone = links.endReading()
        #expect(gone == [1] && links.count == 0)
    }

    @Test func aLinkThatComesAgainHasOneTurn() {
        var links = Self.listed([1])
        links.remove(1)
        links.list([1], now: Self.time(0))
        #expect(links.wake(now: Self.time(0)) == [1])
        #expect(links.wake(now: Self.time(0)) == [])
        links.rest(1, .unseen(Self.time(1)))
        #expect(links.wake(now: Self.time(2)) == [1])
    }

    @Test func aSweepLooksOnce() {
        var links = Self.listed([1, 2])
        #expect(links.wake(now: Self.time(0)) == [1, 2])
        links.end(1)
        #expect(links.count == 1)
        links.beginReading()
        links.list([1, 2], now: Self.time(1))
        #expect(links.endReading() == [] && links.wake(now: Self.time(9)) == [])
        links.end(2)
        #expect(links.count == 0 && links.resting == RestingLinks())
        links.list([3], now: Self.time(9))
        let ended = links.endAll()
        #expect(ended == 1 && links.count == 0 && links.nextDue == nil)
        // What was given up is not new when it is listed again.
        links.list([1, 2, 3, 4], now: Self.time(9))
        #expect(links.count == 1)
    }

    /// However often rows come and go, what is counted is what is there.
    @Test func countsAreThoseOfTheLinks() {
        var random = SystemRandomNumberGenerator()
        var links = OpenLinks()
        var awake: Set<LinkRow> = []
        for step in 0..<5_000 {
            let row = LinkRow.random(in: 1...300, using: &random)
            let now = Self.time(Double(step))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: links.list([row], now: now)
            case 1:
                #expect(links.remove(row) == (awake.remove(row) != nil))
            case 2:
                for row in links.wake(now: now) { #expect(awake.insert(row).inserted) }
            default:
                guard let row = awake.randomElement(using: &random) else { continue }
                awake.remove(row)
                if Bool.random(using: &random) {
                    links.rest(row, WaitRest(until: now + .seconds(3), load: 0.5))
                } else {
                    links.end(row)
                }
            }
            #expect(links.awake == awake.count && links.resting.load == 0.5 * Double(links.resting.count))
        }
        for row in LinkRow(1)...300 { links.remove(row) }
        #expect(links.count == 0 && links.resting == RestingLinks())
    }
}
