// What goes wrong while links are waited for: refusals, stopped processes, clocks that are set, deadlines and expiries.

import Testing

@testable import OneShotPay

@Suite struct WaitSimulationMishapTests {
    static let rate = 5.0

    static func links(_ count: Int, timeout: Double? = nil) -> [WaitSimulation.Link] {
        (0..<count).map { _ in WaitSimulation.Link(begunAt: 0, timeout: timeout) }
    }

    func expectBudget(_ world: WaitSimulation, rate: Double = rate) {
        for window in [1.0, 10, 60] {
            #expect(Double(world.mostSent(within: window)) <= WaitSimulation.budget(rate: rate, window: window))
        }
    }

    @Test func sendsNothingBeforeRetryAfterIsOverAndRecoversWithinAMinute() throws {
        var world = try WaitSimulation(links: Self.links(100), rate: Self.rate, seed: 1)
        world.refusals = [.init(start: 100, end: 101, retryAfter: .seconds(30))]
        world.run(until: 400)
        let first = try #require(world.refused.first)
        let last = try #require(world.refused.last)
        #expect(abs(last.rate - 2) < 0.1, "what was under way together is refused together")
        #expect(!world.sent.contains { $0 > first.at + 1e-6 && $0 < first.at + 30 - 1e-6 })
        let resumed = try #require(world.sent.first { $0 > first.at + 1e-6 })
        #expect(resumed < last.at + 31)
        // After the pause: half the rate, no saved-up burst.
        #expect(world.sent.filter { $0 >= resumed && $0 < resumed + 5 }.count <= 13)
        #expect(world.schedule.budget.rate == 4)
        let late = world.sent.filter { $0 >= resumed + 60 && $0 < resumed + 120 }.count
        #expect(late >= 216 && late <= 244, "the full rate within a minute, not \(late) looks in one")
        expectBudget(world)
    }

    @Test func refusalsOfLooksUnderWayTogetherHalveTheRateOnce() throws {
        var world = try WaitSimulation(links: Self.links(50), rate: 50, seed: 2)
        // The first forty looks leave at once, and are all refused.
        world.refusals = [.init(start: 0, end: 0.04, retryAfter: .seconds(2))]
        world.run(until: 1)
        #expect(world.refused.count == 41 || world.refused.count == 40)
        #expect(world.refused.allSatisfy { abs($0.rate - 20) < 0.5 })
    }

    @Test func aSlowServiceDoesNotLengthenTheIntervalsForLongerThanItIsSlow() throws {
        var world = try WaitSimulation(links: Self.links(1_000), rate: Self.rate, seed: 3)
        world.refusals = [.init(start: 600, end: 720, retryAfter: nil)]
        world.run(until: 6_000)
        // Two minutes of refusals and one of recovery.
        let bound = WaitSimulation.bound(waits: 1_000, rate: Self.rate) + 180
        #expect(world.links.allSatisfy { $0.longestUnseen <= bound })
    }

    @Test(arguments: [100, 1_000])
    func aStoppedProcessResumesWithoutABurst(count: Int) throws {
        var world = try WaitSimulation(links: Self.links(count), rate: Self.rate, seed: 4)
        world.add(.stall(3_600), at: 500)
        world.run(until: 6_000)
        #expect(!world.sent.contains { $0 > 501 && $0 < 4_100 })
        let resumed = world.sent.filter { $0 >= 4_100 && $0 < 4_110 }.count
        #expect(resumed >= 40 && resumed <= 44)
        expectBudget(world)
    }

    /// A suspended machine stops the clock of the timers; the wall clock has gone on.
    @Test(arguments: [3_600, -3_600] as [Int64])
    func aWallClockThatIsSetChangesOnlyTheSchedule(by shift: Int64) throws {
        let links = (0..<100).map { number in
            WaitSimulation.Link(begunAt: 0, paidAt: Double(100 + 10 * number), timeout: 3_000)
        }
        var world = try WaitSimulation(links: links, rate: Self.rate, seed: 5)
        world.add(.setWallClock(by: shift), at: 300)
        world.run()
        let bound = WaitSimulation.bound(waits: 100, rate: Self.rate)
        #expect(world.links.allSatisfy { $0.failure == nil && ($0.delay ?? .infinity) <= bound })
        expectBudget(world)
    }

    @Test(arguments: [0, 3_600, -3_600] as [Int64])
    func looksOnceMoreAtTheDeadline(shift: Int64) throws {
        var links = Self.links(2, timeout: 900)
        links[0].paidAt = 899.99
        var world = try WaitSimulation(links: links, rate: 10, seed: 6)
        world.add(.setWallClock(by: shift), at: 450)
        world.run()
        #expect(world.links.allSatisfy { ($0.looks.last ?? 0) >= 900 && ($0.looks.last ?? 0) < 901 })
        #expect(world.links[0].failure == nil && world.links[1].failure == .timeout)
    }

    @Test func looksOnceMoreAfterADeadlineThatPassedWhileTheProcessWasStopped() throws {
        var links = Self.links(10, timeout: 900)
        for number in links.indices.dropLast() { links[number].paidAt = 870 }
        var world = try WaitSimulation(links: links, rate: Self.rate, seed: 7)
        world.add(.stall(3_600), at: 860)
        world.run()
        #expect(world.links.dropLast().allSatisfy { $0.failure == nil && $0.noticedAt != nil })
        #expect(world.links.last?.failure == .timeout && (world.links.last?.looks.last ?? 0) >= 4_460)
    }

    @Test func aDeadlineHoldsDuringALongPause() throws {
        var world = try WaitSimulation(links: Self.links(20, timeout: 120), rate: Self.rate, seed: 8)
        world.refusals = [.init(start: 60, end: 61, retryAfter: .seconds(3_600))]
        world.run()
        for link in world.links {
            #expect(link.failure == .timeout)
            #expect((link.endedAt ?? .infinity) <= 130.1)
        }
    }

    @Test func aDeadlineHoldsAtTheEndOfALongQueue() throws {
        var links = Self.links(2_000)
        links.append(WaitSimulation.Link(begunAt: 0, timeout: 60))
        var world = try WaitSimulation(links: links, rate: Self.rate, seed: 9)
        world.run(until: 200)
        #expect(world.links.last?.failure == .timeout && (world.links.last?.endedAt ?? .infinity) <= 70.1)
    }

    @Test func looksSoonAfterTheExpiryAndOnceMoreAMinuteLater() throws {
        var links = Self.links(20)
        for number in links.indices { links[number].expiresAt = WaitSimulation.unixStart + 3_600 }
        var world = try WaitSimulation(links: links, rate: 20, seed: 10)
        // The service takes its time to call them expired: whatever the local clock says, the wait goes on.
        world.expiryLag = 60
        world.run()
        for link in world.links {
            #expect(link.looks.contains { $0 >= 3_602 && $0 < 3_605 })
            #expect(link.looks.contains { $0 >= 3_660 && $0 < 3_663 })
            #expect(link.failure == .expired && (link.endedAt ?? .infinity) < 3_663)
        }
    }
}
