// Which events run, rest and are given up: the book alone, with made-up times.

import Ledger
import NIOCore
import OneShotPay
import Testing

@testable import Recorder

@Suite struct FollowUpBookTests {
    private static func spec(_ mode: EffectClaim.Mode, attempts: Int? = 3) -> FollowUpSpec {
        FollowUpSpec(event: .paid, name: "paid", mode: mode, keyPrefix: nil, attempts: attempts, pause: .seconds(60))
    }

    private static func event(_ key: String, _ effect: FollowUp.EffectStand? = nil) -> FollowUp {
        let scope = LedgerScope(account: "a", baseURL: "http://127.0.0.1")
        let record = LinkRecord(
            row: 1, scope: scope, key: key, state: .done, isRunAlive: false, terms: "", amount: Money(microUSDC: 1),
            description: "", attempts: 1, possibleOrphans: 0, link: nil, knownID: nil, problem: nil, run: 1,
            createdAt: 0, updatedAt: 0)
        return FollowUp(key: key, record: record, at: 0, effect: effect)
    }

    private static let unixStart: Int64 = 1_800_000_000

    /// So long after the start, by both clocks.
    private func after(_ seconds: Int64) -> FollowUpBook.Moment {
        FollowUpBook.Moment(
            now: .uptimeNanoseconds(1_000_000_000_000) + .seconds(seconds), unixTime: Self.unixStart + seconds)
    }

    private func stand(
        _ state: EffectState, _ attempts: Int, begun: Int64 = 0, changed: Int64 = 0
    ) -> FollowUp.EffectStand {
        .init(
            state: state, attempts: attempts, begunAt: Self.unixStart + begun, changedAt: Self.unixStart + changed)
    }

    @Test func givesEachEventOnceInItsOrder() {
        var book = FollowUpBook([Self.spec(.atMost)], isSweep: false)
        for key in ["a", "b", "a"] { #expect(book.found(Self.event(key), spec: 0, at: after(0)) == nil) }
        #expect(book.next(at: after(0))?.followUp.key == "a")
        #expect(book.found(Self.event("a"), spec: 0, at: after(0)) == nil)
        #expect(book.next(at: after(0))?.followUp.key == "b")
        #expect(book.next(at: after(0)) == nil)
        _ = book.ended("a", .done, at: after(0), random: 0)
        #expect((book.done, book.running, book.queued) == (1, 1, 0))
    }

    @Test func restsLongerAfterEachFailureAndIsGivenUp() {
        var book = FollowUpBook([Self.spec(.atLeast)], isSweep: false)
        _ = book.found(Self.event("a"), spec: 0, at: after(0))
        _ = book.next(at: after(0))
        #expect(book.ended("a", .failed, at: after(0), random: 1)?.again == .seconds(60))
        #expect(book.next(at: after(59)) == nil)
        #expect(book.next(at: after(60))?.attempts == 2)
        #expect(book.ended("a", .failed, at: after(0), random: 0)?.again == .seconds(60))  // half of 120
        #expect(book.next(at: after(60))?.attempts == 3)
        let last = book.ended("a", .failed, at: after(0), random: 0)
        #expect(last != nil && last?.again == nil)
        #expect((book.parked, book.waiting, book.failures) == (1, 0, 3))
        #expect(book.next(at: after(10_000_000)) == nil)
    }

    /// A ledger that could not be asked says nothing of the effect: it is begun later, in whatever mode.
    @Test(arguments: [EffectClaim.Mode.atMost, .atLeast, .check])
    func whatCouldNotBeginIsRunLaterAndCountsForNothing(_ mode: EffectClaim.Mode) {
        var book = FollowUpBook([Self.spec(mode)], isSweep: false)
        _ = book.found(Self.event("a"), spec: 0, at: after(0))
        for begun in 0..<5 as Range<Int64> {
            #expect(book.next(at: after(begun * 60))?.attempts == 1)
            #expect(book.ended("a", .notBegun, at: after(begun * 60), random: 1)?.again == .seconds(60))
        }
        #expect((book.parked, book.failures, book.waiting) == (0, 0, 1))
    }

    @Test func pausesNeverExceedAnHour() {
        var book = FollowUpBook([Self.spec(.atLeast, attempts: 100)], isSweep: false)
        _ = book.found(Self.event("a", stand(.failed, 90, changed: -10_000)), spec: 0, at: after(0))
        _ = book.next(at: after(0))
        #expect(book.ended("a", .failed, at: after(0), random: 1)?.again == .seconds(3_600))
    }

    @Test(arguments: [EffectClaim.Mode.atMost, .atLeast, .check])
    func whatMayHappenOnceIsNotRunAgain(_ mode: EffectClaim.Mode) {
        var book = FollowUpBook([Self.spec(mode)], isSweep: false)
        _ = book.found(Self.event("a"), spec: 0, at: after(0))
        _ = book.next(at: after(0))
        let end = book.ended("a", .failed, at: after(0), random: 0)
        #expect((end?.again == nil) == (mode == .atMost))
        #expect(book.parked == (mode == .atMost ? 1 : 0))
    }

    @Test func earlierProcessesCountAsAttempts() {
        var book = FollowUpBook([Self.spec(.atLeast)], isSweep: false)
        #expect(
            book.found(Self.event("a", stand(.failed, 3)), spec: 0, at: after(0))
                == "was begun 3 times and did not succeed")
        #expect(book.next(at: after(0)) == nil)
        // A person lets it loose.
        #expect(book.found(Self.event("a", stand(.open, 3)), spec: 0, at: after(0)) == nil)
        #expect(book.next(at: after(0))?.attempts == 4)
    }

    @Test func aSweepRunsEachOnce() {
        var book = FollowUpBook([Self.spec(.atLeast)], isSweep: true)
        _ = book.found(Self.event("a"), spec: 0, at: after(0))
        _ = book.next(at: after(0))
        _ = book.ended("a", .failed, at: after(0), random: 0)
        #expect(book.next(at: after(10_000_000)) == nil)
        #expect(book.waiting == 1)
    }

    /// As long as whoever runs the watch says, whatever the number of runs.
    @Test func isTriedForAWeekUnlessTheOperatorSaysOtherwise() {
        for (retryFor, seconds) in [(nil, 7 * 86_400), (.seconds(7200), 7200)] as [(Duration?, Int64)] {
            var book = FollowUpBook(
                [Self.spec(.atLeast, attempts: nil)], isSweep: false,
                patience: retryFor.map { FollowUpPatience(retryFor: $0) } ?? FollowUpPatience())
            _ = book.found(Self.event("a"), spec: 0, at: after(0))
            var time: Int64 = 0, runs = 0, longest: Int64 = 0
            while book.next(at: after(time)) != nil {
                runs += 1
                guard let again = book.ended("a", .failed, at: after(time), random: 1)?.again else { break }
                longest = max(longest, again.components.seconds)
                time += again.components.seconds
            }
            #expect(book.parked == 1)
            #expect(time >= seconds && time < seconds + 3_600, "\(time)")
            #expect(longest == 3_600 && runs > 6, "\(runs) runs")
        }
    }

    /// A sweep that comes before the pause is over leaves it alone; the first one after it runs it.
    @Test(arguments: [true, false])
    func pausesHoldFromOneProcessToTheNext(isSweep: Bool) {
        let failed = stand(.failed, 3, begun: -1_000, changed: 0)  // half of 240 s, and half of that half
        for (seconds, isRun) in [(Int64(179), false), (180, true)] {
            var book = FollowUpBook([Self.spec(.atLeast, attempts: nil)], isSweep: isSweep)
            #expect(book.found(Self.event("a", failed), spec: 0, at: after(seconds)) == nil)
            #expect(book.waiting == (isRun ? 0 : 1))
            #expect((book.next(at: after(seconds)) != nil) == isRun)
            if !isRun { #expect((book.next(at: after(180)) != nil) == !isSweep) }
        }
    }

    @Test func aClockThatWasWrongHoldsNothingBack() {
        var book = FollowUpBook([Self.spec(.atLeast, attempts: nil)], isSweep: true)
        let future = stand(.failed, 3, begun: 1_000_000, changed: 1_000_000)
        #expect(book.found(Self.event("a", future), spec: 0, at: after(0)) == nil)
        #expect(book.next(at: after(0))?.attempts == 4)
        var limited = FollowUpBook([Self.spec(.atLeast, attempts: 3)], isSweep: true)
        #expect(limited.found(Self.event("a", future), spec: 0, at: after(0)) != nil, "it has had its runs")
    }

    /// Being cut off once is made up for at once; again and again, it rests.
    @Test func whatIsCutOffAgainAndAgainRests() {
        for (attempts, isRun) in [(1, true), (2, false), (5, false)] {
            var book = FollowUpBook([Self.spec(.atLeast, attempts: nil)], isSweep: false)
            _ = book.found(Self.event("a", stand(.running, attempts)), spec: 0, at: after(1))
            #expect((book.next(at: after(1)) != nil) == isRun, "\(attempts)")
        }
        var book = FollowUpBook([Self.spec(.atMost, attempts: nil)], isSweep: false)
        _ = book.found(Self.event("a", stand(.running, 5)), spec: 0, at: after(1))
        #expect(book.next(at: after(1)) != nil, "the ledger says that it is in doubt")
    }

    @Test func anOldFailureIsGivenUpAndAPersonsWordBeginsAnew() {
        let week: Int64 = 7 * 86_400
        var book = FollowUpBook([Self.spec(.check, attempts: nil)], isSweep: false)
        let old = stand(.failed, 200, begun: 0, changed: week - 60)
        #expect(
            book.found(Self.event("a", old), spec: 0, at: after(week)) == "was begun 200 times and did not succeed")
        #expect(book.next(at: after(week + 7_200)) == nil)
        let loose = stand(.open, 200, begun: week + 10, changed: week + 10)
        #expect(book.found(Self.event("a", loose), spec: 0, at: after(week + 20)) == nil)
        #expect(book.next(at: after(week + 20))?.attempts == 201)
        #expect(book.ended("a", .failed, at: after(week + 30), random: 1)?.again == .seconds(3_600))
    }
}
