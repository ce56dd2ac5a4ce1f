// Random histories of links against the follow-up logic: every payment in full is followed up exactly once, no short one
// ever, whatever the order of payments, looks, outages and kills.

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
            let paid = Self.counts(simulation, .paid, history)
            #expect(paid.allSatisfy { $0 == 1 }, "followed up twice: \(what)")
            #expect(paid.count == history.fullPayments, "\(paid.count) followed up: \(what)")
            let isShort = history.payments.first.map { $0.micro < MoneyHistory.amount } ?? false
            #expect(Self.counts(simulation, .underpaid, history) == (isShort ? [1] : []), "\(what)")
            full += history.fullPayments
            short += isShort ? 1 : 0
            let end = min(history.expiresAt ?? .infinity, history.archivedAt ?? .infinity)
            late += history.payments.contains { $0.at > end } ? 1 : 0
        }
        print(
            "money: seed \(seed): \(Self.links) links, \(full) paid in full, \(short) short, \(late) late; "
                + "\(simulation.looks) looks, \(simulation.failedLooks) failed, \(simulation.kills) kills")
    }

    /// How often each event of a link was followed up.
    private static func counts(_ simulation: MoneySimulation, _ event: LinkEvent, _ history: MoneyHistory) -> [Int] {
        let key = SimulatedWatch.prefix(event) + history.id.description
        return simulation.happened.filter { $0.key.hasPrefix(key) }.map(\.value)
    }
}
