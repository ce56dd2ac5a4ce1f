// Random histories of links against the follow-up logic: every payment in full is followed up exactly once, no short one
// ever, whatever the order of payments, looks, outages and kills. Of a reusable link, every one that anybody saw.

import Foundation
import Ledger
import OneShotPay
import Testing

@testable import Recorder

@Suite struct MoneySimulationTests {
    /// Links a world; with scripts/simulate-money as many worlds as it is told.
    static let links = 50
    static let worlds = ProcessInfo.processInfo.environment["PAYLINK_SIMULATION_WORLDS"].flatMap { Int($0) } ?? 4
    static let firstSeed = ProcessInfo.processInfo.environment["PAYLINK_SIMULATION_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(arguments: 0..<worlds)
    func followsUpEveryFullPaymentOnceAndNoShortOne(world: Int) throws {
        let seed = Self.firstSeed + UInt64(world)
        var simulation = MoneySimulation(links: Self.links, seed: seed)
        try simulation.run()
        var full = 0, short = 0, late = 0
        for history in simulation.histories {
            let what = "seed \(seed), link \(history.number): \(history)"
            for (event, isFull) in [(LinkEvent.paid, true), (LinkEvent.underpaid, false)] {
                let counts = Self.counts(simulation, event, history)
                let due = history.marks(full: isFull, seen: simulation.seen)
                #expect(counts.values.allSatisfy { $0 == 1 }, "\(event) followed up twice: \(counts), \(what)")
                #expect(Set(counts.keys) == due, "\(event) followed up: \(counts), due: \(due), \(what)")
                if isFull { full += due.count } else { short += due.count }
            }
            // The newest is there for everybody to see, so that what is asked above is not asked of nothing.
            if history.isReusable, let newest = history.payments.last {
                #expect(simulation.seen.contains(newest.id), "never seen: \(newest), \(what)")
            }
            let end = min(history.expiresAt ?? .infinity, history.archivedAt ?? .infinity)
            late += history.payments.contains { $0.at > end } ? 1 : 0
        }
        print(
            "money: seed \(seed): \(Self.links) links, \(full) payments in full, \(short) short, \(late) links late; "
                + "\(simulation.looks) looks, \(simulation.failedLooks) failed, \(simulation.kills) kills")
    }

    /// How often each event of a link was followed up, by what stands behind the link's id in its key.
    private static func counts(
        _ simulation: MoneySimulation, _ event: LinkEvent, _ history: MoneyHistory
    ) -> [String: Int] {
        let key = SimulatedWatch.prefix(event) + history.id.description
        let own = simulation.happened.filter { $0.key.hasPrefix(key) }
        return Dictionary(uniqueKeysWithValues: own.map { (String($0.key.dropFirst(key.count)), $0.value) })
    }
}
