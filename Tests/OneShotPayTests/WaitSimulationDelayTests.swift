// How soon a payment is noticed, and at what cost: our rule and the doubling of the vendor's SDK, on the same payments.
// PAYLINK_SIMULATION_LINKS sets how many links (2,000 in the short form; scripts/simulate-wait takes 20,000).

import Chance
import Testing

@testable import OneShotPay

@Suite struct WaitSimulationDelayTests {
    struct Result {
        let delays: Spread
        let requests: Double
    }

    static let links = WaitSimulation.number("PAYLINK_SIMULATION_LINKS") ?? 2_000

    static func payments(median: Double) -> [Double] {
        var random = SplitMix(seed: 90)
        return (0..<links).map { _ in random.lognormal(median: median) }
    }

    /// Each link alone in its process, with the default rate of 10 requests a second.
    static func ours(_ payments: [Double]) throws -> Result {
        var delays: [Double] = []
        var requests = 0
        for (number, paidAt) in payments.enumerated() {
            var world = try WaitSimulation(
                links: [.init(begunAt: 0, paidAt: paidAt)], rate: 10, seed: UInt64(number))
            world.run()
            delays.append(try #require(world.links[0].delay))
            requests += world.sent.count
        }
        return Result(delays: Spread(delays), requests: Double(requests) / Double(payments.count))
    }

    /// Requests at the times that `pause` gives, until one is answered after the payment.
    static func polled(_ payments: [Double], pause: (_ age: Double, _ looks: Int) -> Double) -> Result {
        var requests = 0
        let delays = payments.map { paidAt in
            var (now, looks) = (0.0, 1)
            while now < paidAt {
                now += pause(now, looks)
                looks += 1
            }
            requests += looks
            return now - paidAt + WaitSimulation.requestTime
        }
        return Result(delays: Spread(delays), requests: Double(requests) / Double(payments.count))
    }

    /// 5, 10, 20, … ms after the reply before, for ever.
    static func vendor(_ payments: [Double]) -> Result {
        polled(payments) { _, looks in 0.005 * Double(1 << min(looks - 1, 50)) }
    }

    /// The same rule with a larger κ, and a cap that grows with it: what it does in a crowd that leaves each link so
    /// few requests. κ is sought such that the requests are as many as given, or fewer.
    static func ours(_ payments: [Double], requests: Double) -> Result {
        func result(_ factor: Double) -> Result {
            var random = SplitMix(seed: 7)
            let rule = PollingRule(rate: 1)
            let waits = Int(PollingRule.longest * factor / PollingRule.smallestFactor)
            return polled(payments) { age, _ in
                rule.interval(age: age, load: factor, waits: waits, random: random.uniform())
            }
        }
        var (low, high) = (PollingRule.smallestFactor, 64.0)
        for _ in 0..<16 {
            let middle = (low * high).squareRoot()
            if result(middle).requests > requests { low = middle } else { high = middle }
        }
        return result(high)
    }

    @Test(arguments: [90.0, 600])
    func noticesPaymentsSoonerThanDoublingAtTheSameCost(median: Double) throws {
        let payments = Self.payments(median: median)
        let (ours, vendor) = (try Self.ours(payments), Self.vendor(payments))
        let equal = Self.ours(payments, requests: vendor.requests)
        print("wait: median \(Int(median)) s, sigma 1, \(payments.count) links: rule, mean s, 95th s, requests a link")
        for (name, result) in [("ours", ours), ("ours, as few requests", equal), ("doubling", vendor)] {
            tableRow(name, result.delays.mean, result.delays.percentile(95), result.requests)
        }
        if median == 90 {
            #expect(ours.delays.mean <= 3.5)
            #expect(ours.requests <= 60)
        }
        #expect(ours.delays.longest <= 33 + WaitSimulation.requestTime)
        #expect(equal.requests <= vendor.requests)
        #expect(equal.delays.mean <= vendor.delays.mean / 8)
    }
}
