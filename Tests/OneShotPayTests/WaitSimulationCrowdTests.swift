// Crowds of links under a small budget: it is kept, nobody is forgotten, every payment is noticed.

import Chance
import Testing

@testable import OneShotPay

@Suite struct WaitSimulationCrowdTests {
    static let rate = 5.0

    enum Arrival: String, CaseIterable {
        case atOnce = "at once"
        case overAnHour = "within an hour"
        /// Nine tenths are a month old, and the others come within an hour.
        case amongOldOnes = "among old ones"
    }

    @Test(arguments: [100, 1_000, 10_000], Arrival.allCases)
    func keepsTheBudgetAndForgetsNobody(count: Int, arrival: Arrival) throws {
        var random = SplitMix(seed: UInt64(count))
        let links = (0..<count).map { number in
            let begunAt: Double =
                switch arrival {
                case .atOnce: 0
                case .overAnHour: random.uniform() * 3_600
                case .amongOldOnes: number % 10 == 0 ? random.uniform() * 3_600 : 0
                }
            // A fifth is never paid: those are followed to the end.
            let paidAt = number % 5 == 1 ? .infinity : begunAt + random.lognormal(median: 600)
            var link = WaitSimulation.Link(begunAt: begunAt, paidAt: paidAt)
            if arrival == .amongOldOnes, number % 10 != 0 { link.age = 30 * 86_400 }
            return link
        }
        var world = try WaitSimulation(links: links, rate: Self.rate, seed: 5)
        let bound = WaitSimulation.bound(waits: count, rate: Self.rate)
        let payments = Spread(links.map(\.paidAt).filter { $0 < .infinity })
        let end = payments.longest + 3 * bound
        world.run(until: end)

        var most: [Double: Int] = [:]
        for window in [1.0, 10, 60, 600] {
            most[window] = world.mostSent(within: window)
            #expect(Double(most[window] ?? 0) <= WaitSimulation.budget(rate: Self.rate, window: window))
            if window >= 4 { #expect(Double(most[window] ?? 0) <= Self.rate * window) }
        }
        var unseen = 0.0
        for link in world.links {
            // One that is still waited for has not been seen since its last look.
            let open = link.endedAt == nil ? end - (link.looks.last ?? link.begunAt) : 0
            unseen = max(unseen, link.longestUnseen, open)
            #expect(link.failure == nil)
            if link.paidAt < .infinity {
                #expect((link.delay ?? .infinity) <= bound + WaitSimulation.requestTime)
            } else {
                #expect(link.looks.count >= Int((end - link.begunAt) / bound), "a link is starved")
            }
        }
        #expect(unseen <= bound)
        let delays = Spread(world.links.compactMap(\.delay))
        if arrival == Arrival.allCases.first, count == 100 {
            print("wait: 5 requests a second: links, arrival, most in 10 s, unseen s, bound s, mean s, 95th s, worst s")
        }
        tableRow(
            count, arrival.rawValue, most[10] ?? 0, unseen, bound, delays.mean, delays.percentile(95), delays.longest)
    }
}
