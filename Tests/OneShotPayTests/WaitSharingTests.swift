// Waits for one link share its looks, and links that have ended come behind those that can be paid. In simulated time.

import NIOCore
import Testing

@testable import OneShotPay

@Suite struct WaitSharingTests {
    /// A schedule whose clock the test sets, and whose looks are answered by it.
    struct World {
        var schedule = WaitSchedule<String>(requestsPerSecond: 10, now: World.time(0))
        var looks: [(at: Double, link: UInt64)] = []
        let answer: PayLink

        init() throws { answer = try Sample.link(Sample.json()) }

        static func time(_ seconds: Double) -> NIODeadline {
            .uptimeNanoseconds(1_000_000_000_000) + .nanoseconds(Int64(seconds * 1e9))
        }

        mutating func wait(
            _ name: String, for link: UInt64, at now: Double = 0, timeout: Double? = nil, isLate: Bool = false
        ) -> WaitTicket {
            let machine = WaitStateMachine(
                id: PayLinkID(high: 1, low: link), known: nil, startedAt: Self.time(now),
                deadline: timeout.map { Self.time(now + $0) } ?? .distantFuture, settled: false, isLate: isLate)
            let ticket = schedule.add(machine, name)
            schedule.begin(ticket, now: Self.time(now), unixTime: 1_800_000_000)
            return ticket
        }

        /// The link that is looked at now, if any is.
        mutating func look(at now: Double) -> LookTicket? {
            guard case .look(let ticket, let id, _) = schedule.next(now: Self.time(now)) else { return nil }
            looks.append((now, id.low))
            return ticket
        }

        /// What each wait is told of a look that shows the link as `status`.
        mutating func reply(_ ticket: LookTicket, _ status: PayLinkStatus = .active, at now: Double) -> [String: Bool] {
            var link = answer
            link.change { $0.status = status }
            let verdicts = schedule.looked(
                ticket, .link(link), now: Self.time(now), unixTime: 1_800_000_000 + Int64(now), random: 0.5)
            return Dictionary(
                uniqueKeysWithValues: verdicts.map {
                    if case .look = $0.action { ($0.subject, true) } else { ($0.subject, false) }
                })
        }
    }

    @Test func manyWaitsForOneLinkCostWhatOneDoes() throws {
        func looks(_ waits: Int) throws -> [Double] {
            var world = try World()
            for number in 0..<waits { _ = world.wait("wait \(number)", for: 7) }
            #expect(world.schedule.openLinks == 1 && world.schedule.count == waits)
            var now = 0.0
            while now < 120 {
                while let ticket = world.look(at: now) { #expect(world.reply(ticket, at: now).count == waits) }
                now += 0.05
            }
            return world.looks.map(\.at)
        }
        let one = try looks(1)
        #expect(one.count > 20)
        #expect(try looks(50) == one)
    }

    @Test func whoComesWhileALookIsUnderWayHasTheNextOne() throws {
        var world = try World()
        _ = world.wait("first", for: 7)
        let sent = world.look(at: 0)
        let look = try #require(sent)
        _ = world.wait("second", for: 7, at: 0.5)
        #expect(world.look(at: 0.5) == nil, "one look at a time")
        #expect(world.reply(look, at: 1) == ["first": true])
        let following = world.look(at: 1)
        let next = try #require(following)
        #expect(world.reply(next, at: 1.1) == ["first": true, "second": true])
        #expect(world.looks.count == 2)
    }

    @Test func theLookOfAForgottenLinkIsGivenBack() throws {
        var world = try World()
        let (first, second) = (world.wait("first", for: 7), world.wait("second", for: 7))
        let sent = world.look(at: 0)
        let look = try #require(sent)
        #expect(world.schedule.remove(first) == nil, "somebody still waits for it")
        #expect(world.schedule.remove(second) == look)
        #expect(world.reply(look, at: 1).isEmpty && world.schedule.count == 0 && world.schedule.openLinks == 0)
        _ = world.wait("third", for: 7, at: 1)
        #expect(world.schedule.openLinks == 1)
        #expect(world.look(at: 1) != nil)
    }

    @Test func eachWaitHasItsOwnDeadline() throws {
        var world = try World()
        _ = world.wait("short", for: 7, timeout: 3)
        let long = world.wait("long", for: 7)
        var ended: Double?
        var now = 0.0
        while now < 10, ended == nil {
            while let ticket = world.look(at: now) {
                let told = world.reply(ticket, at: now)
                #expect(told["long"] == true)
                if told["short"] == false { ended = now }
            }
            now += 0.05
        }
        #expect(abs((ended ?? 0) - 3) < 0.1)
        #expect(world.schedule.lastSeen(long)?.status == .active)
    }

    @Test func endedLinksAreNoLoadAndHaveAFifthOfTheTurns() throws {
        var world = try World()
        for link in 1...400 as ClosedRange<UInt64> { _ = world.wait("open", for: link) }
        for link in 1_001...1_400 as ClosedRange<UInt64> { _ = world.wait("late", for: link, isLate: true) }
        #expect(world.schedule.openLinks == 400 && world.schedule.lateLinks == 400)
        var now = 0.0
        while world.looks.count < 250 {
            // Never answered: whatever is due stays due, and the order can be seen.
            while world.look(at: now) != nil {}
            now += 0.05
        }
        for span in stride(from: 0, to: 250, by: 50) {
            #expect(world.looks[span..<span + 50].count { $0.link > 1_000 } == 10)
        }
        // Alone they have all turns.
        var other = try World()
        for link in 1_001...1_008 as ClosedRange<UInt64> { _ = other.wait("late", for: link, isLate: true) }
        while other.look(at: 0) != nil {}
        #expect(other.looks.count == 8)
    }

    @Test func aLinkThatSomebodyHopesForIsNotLate() throws {
        var world = try World()
        let late = world.wait("late", for: 7, isLate: true)
        #expect(world.schedule.openLinks == 0)
        let open = world.wait("open", for: 7)
        #expect(world.schedule.openLinks == 1 && world.schedule.lateLinks == 0)
        let sent = world.look(at: 0)
        let look = try #require(sent)
        #expect(world.reply(look, .expired, at: 0.1) == ["late": false, "open": false])
        for ticket in [late, open] { world.schedule.remove(ticket) }
        #expect(world.schedule.openLinks == 0 && world.schedule.lateLinks == 0)
    }
}
