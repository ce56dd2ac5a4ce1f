// The polling rule, the budget and the queue. In simulated time.

import Chance
import NIOCore
import Testing

@testable import OneShotPay

@Suite struct PollingRuleTests {
    let rule = PollingRule(rate: 8)

    func interval(_ age: Double, waits: Int = 1) -> Double {
        rule.interval(age: age, load: Double(waits) * PollingRule.weight(age: age), waits: waits, random: 0.5)
    }

    @Test func growsWithTheSquareRootOfAge() {
        #expect(interval(0) == 1)
        #expect(interval(96) == 5)
        #expect(interval(396) == 10)
        #expect(interval(1_000_000) == 30)
        #expect(interval(-50) == 1)
    }

    @Test func staysWithinTheBudget() {
        for waits in [1, 10, 100, 1_000, 100_000] {
            for age in [0.0, 10, 100, 10_000] {
                let rate = Double(waits) / interval(age, waits: waits)
                #expect(rate <= max(8.001, Double(waits)), "\(waits) waits of age \(age)")
                if waits >= 100 { #expect(rate <= 8.001, "\(waits) waits of age \(age)") }
            }
        }
    }

    @Test func jittersByATenth() {
        let load = PollingRule.weight(age: 96)
        #expect(rule.interval(age: 96, load: load, waits: 1, random: 0) == 4.5)
        #expect(abs(rule.interval(age: 96, load: load, waits: 1, random: 1) - 5.5) < 1e-9)
    }

    @Test func budgetPacesHalvesAndRecovers() {
        var budget = PollingBudget(requestsPerSecond: 10, now: 0.seconds)
        var taken = 0
        while budget.take(now: 0.seconds) == nil { taken += 1 }
        #expect(taken == 8)
        let next = budget.take(now: 0.seconds)
        #expect(next.map { $0 > 0.seconds && $0 < 1.seconds } == true)
        budget.slowDown(retryAfter: .seconds(5), now: 0.seconds)
        #expect(budget.rate == 4)
        #expect(budget.take(now: 1.seconds) == 5.seconds)
        #expect(budget.take(now: 5.seconds) == nil)
        _ = budget.take(now: 300.seconds)
        #expect(budget.rate == 8)
        for _ in 0..<50 { budget.slowDown(retryAfter: nil, now: 300.seconds) }
        #expect(budget.rate == 0.5)
    }

    /// Runs on other hosts poll, too: what slows one down goes on doing so when its part changes.
    @Test func aPartOfTheBudgetIsOthers() {
        var budget = PollingBudget(requestsPerSecond: 10, now: 0.seconds)
        budget.divide(0.25, now: 0.seconds)
        #expect(budget.fullRate == 2 && budget.rate == 2)
        var taken = 0
        while budget.take(now: 0.seconds) == nil { taken += 1 }
        #expect(taken == 2)
        budget.slowDown(retryAfter: nil, now: 0.seconds)
        #expect(budget.rate == 1)
        budget.divide(1, now: 0.seconds)
        #expect(budget.fullRate == 8 && budget.rate == 4)
        _ = budget.take(now: 300.seconds)
        #expect(budget.rate == 8)
    }

    @Test func whatWasSentTwiceIsPaidForByThoseThatFollow() {
        var budget = PollingBudget(requestsPerSecond: 10, now: 0.seconds)
        for _ in 0..<8 { #expect(budget.take(now: 0.seconds) == nil) }
        for _ in 0..<16 { budget.charge() }
        #expect(budget.take(now: 2.seconds) != nil)
        var taken = 0
        while budget.take(now: 3.seconds) == nil { taken += 1 }
        #expect(taken == 8)
    }

    /// What waits for a token would leave in one burst: it is held, and takes nothing of the budget.
    @Test func noLookLeavesWhileTheyAreHeld() {
        var schedule = WaitSchedule<Int>(requestsPerSecond: 10, now: 0.seconds)
        for number in 1...3 {
            let machine = WaitStateMachine(
                id: PayLinkID(high: 1, low: UInt64(number)), known: nil, startedAt: 0.seconds,
                deadline: .distantFuture, settled: false)
            schedule.begin(schedule.add(machine, number), now: 0.seconds, unixTime: 1_800_000_000)
        }
        for _ in 0..<20 {
            guard case .sleep(let until) = schedule.next(now: 5.seconds, heldUntil: 6.seconds) else {
                Issue.record("a look left")
                return
            }
            #expect(until == 6.seconds)
        }
        var looks = 0
        while case .look = schedule.next(now: 6.seconds) { looks += 1 }
        #expect(looks == 3)
    }

    @Test func queueIsOrderedByDueTimeThenByArrival() {
        var queue = DueQueue<Int>()
        var random = SplitMix(seed: 9)
        var expected: [(NIODeadline, Int)] = []
        for number in 0..<1_000 {
            let due = Int64(random.next() % 50).seconds
            queue.add(number, due: due)
            expected.append((due, number))
        }
        queue.keep { $0 % 3 != 0 }
        expected = expected.filter { $0.1 % 3 != 0 }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        var popped: [Int] = []
        while let element = queue.popFirst() { popped.append(element) }
        #expect(popped == expected.map(\.1))
    }

    /// Lognormal payment times with a median of 90 s: what the rule promises for one link alone.
    @Test func noticesAPaymentSoonWithFewRequests() throws {
        var random = SplitMix(seed: 2)
        var delays = 0.0
        var looks = 0
        let runs = 2_000
        for _ in 0..<runs {
            let uniform = { (Double(random.next() >> 11) + 0.5) / 9_007_199_254_740_992 }
            // A sum of twelve uniforms is normal enough.
            let normal = (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
            let paidAt = 90 * pow2(normal * 0.9 / 0.693_147)
            var now = 0.0
            while now < paidAt {
                looks += 1
                now += PollingRule(rate: 8).interval(
                    age: now, load: PollingRule.weight(age: now), waits: 1, random: uniform())
            }
            delays += now - paidAt
        }
        #expect(delays / Double(runs) < 4)
        #expect(looks / runs < 50)
    }

    private func pow2(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        var result = 1.0
        var term = 1.0
        for n in 1...20 {
            term *= (exponent - whole) * 0.693_147_180_559_945 / Double(n)
            result += term
        }
        return result * Double(sign: .plus, exponent: Int(whole), significand: 1)
    }
}
