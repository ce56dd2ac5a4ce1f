// Which events run, rest and are given up: the book alone, with made-up times.

import Ledger
import NIOCore
import OneShotPay
import Testing

@testable import Scripting

@Suite struct FollowUpBookTests {
    private static func spec(_ mode: EffectClaim.Mode, attempts: Int = 3) -> FollowUpSpec {
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

    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test func givesEachEventOnceInItsOrder() {
        var book = FollowUpBook([Self.spec(.atMost)], isSweep: false)
        for key in ["a", "b", "a"] { #expect(book.found(Self.event(key), spec: 0) == nil) }
        #expect(book.next(now: start)?.followUp.key == "a")
        #expect(book.found(Self.event("a"), spec: 0) == nil)
        #expect(book.next(now: start)?.followUp.key == "b")
        #expect(book.next(now: start) == nil)
        _ = book.ended("a", .done, now: start, random: 0)
        #expect((book.done, book.running, book.queued) == (1, 1, 0))
    }

    @Test func restsLongerAfterEachFailureAndIsGivenUp() {
        var book = FollowUpBook([Self.spec(.atLeast)], isSweep: false)
        _ = book.found(Self.event("a"), spec: 0)
        _ = book.next(now: start)
        #expect(book.ended("a", .failed, now: start, random: 1)?.again == .seconds(60))
        #expect(book.next(now: start + .seconds(59)) == nil)
        #expect(book.next(now: start + .seconds(60))?.attempts == 2)
        #expect(book.ended("a", .failed, now: start, random: 0)?.again == .seconds(60))  // half of 120
        #expect(book.next(now: start + .seconds(60))?.attempts == 3)
        let last = book.ended("a", .failed, now: start, random: 0)
        #expect(last != nil && last?.again == nil)
        #expect((book.parked, book.waiting, book.failures) == (1, 0, 3))
        #expect(book.next(now: .distantFuture) == nil)
    }

    @Test func pausesNeverExceedAnHour() {
        var book = FollowUpBook([Self.spec(.atLeast, attempts: 100)], isSweep: false)
        _ = book.found(Self.event("a", .init(state: .failed, attempts: 90)), spec: 0)
        _ = book.next(now: start)
        #expect(book.ended("a", .failed, now: start, random: 1)?.again == .seconds(3_600))
    }

    @Test(arguments: [EffectClaim.Mode.atMost, .atLeast, .check])
    func whatMayHappenOnceIsNotRunAgain(_ mode: EffectClaim.Mode) {
        var book = FollowUpBook([Self.spec(mode)], isSweep: false)
        _ = book.found(Self.event("a"), spec: 0)
        _ = book.next(now: start)
        let end = book.ended("a", .failed, now: start, random: 0)
        #expect((end?.again == nil) == (mode == .atMost))
        #expect(book.parked == (mode == .atMost ? 1 : 0))
    }

    @Test func earlierProcessesCountAsAttempts() {
        var book = FollowUpBook([Self.spec(.atLeast)], isSweep: false)
        #expect(
            book.found(Self.event("a", .init(state: .failed, attempts: 3)), spec: 0)
                == "was begun 3 times and did not succeed")
        #expect(book.next(now: start) == nil)
        // A person lets it loose.
        #expect(book.found(Self.event("a", .init(state: .open, attempts: 3)), spec: 0) == nil)
        #expect(book.next(now: start)?.attempts == 4)
    }

    @Test func aSweepRunsEachOnce() {
        var book = FollowUpBook([Self.spec(.atLeast)], isSweep: true)
        _ = book.found(Self.event("a"), spec: 0)
        _ = book.next(now: start)
        _ = book.ended("a", .failed, now: start, random: 0)
        #expect(book.next(now: .distantFuture) == nil)
        #expect(book.waiting == 1)
    }
}
