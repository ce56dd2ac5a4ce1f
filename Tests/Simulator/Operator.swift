// A person who settles what is in doubt, knowing what the service has: as `paylink ledger doubt resolve` does.

import Chance
import Ledger
import OneShotPay

struct Operator {
    private let world: World

    init(_ world: World) { self.world = world }

    /// Settles some of what is in doubt, and gives up some of it.
    func settleSome(number: Int) {
        var random = SplitMix(seed: world.plan.seed, target: "decision", index: UInt64(number))
        settle { random.chance(0.7) ? (random.oneIn(8) ? .abandon : random.oneIn(8) ? .retry : .truth) : .leave }
    }

    /// Settles everything, now and from time to time until the end.
    func settleAll() {
        settle { .truth }
        world.later(world.now + 20) { settleAll() }
    }

    private enum Choice {
        case truth, retry, abandon, leave
    }

    private func settle(_ choose: () -> Choice) {
        do throws(LedgerError) {
            let store = try world.ledger.open(command: "ledger doubt") { [world = Reading(world)] in
                Plan.unixStart + Int64(world.world.now)
            }
            defer { store.close() }
            try settleLinks(store, choose)
            try settleEffects(store, choose)
        } catch {
            world.promises.violated("the operator cannot use the ledger: \(error)")
        }
    }

    private func settleLinks(_ store: any LedgerStore, _ choose: () -> Choice) throws(LedgerError) {
        var query = LinkQuery()
        query.scope = World.scope
        query.isDoubtful = true
        for record in try store.links(query) where record.isInDoubt {
            guard let key = record.key else { continue }
            let choice = choose()
            guard choice != .leave else { continue }
            let verdict: LinkVerdict
            switch choice {
            case .abandon: verdict = .abandon
            case .retry: verdict = .retry
            default: verdict = world.promises.unknownLink(of: record).map { .link($0) } ?? .retry
            }
            let isTaken = try store.perform([.resolve(key: key, verdict)])[0] == .changed(true)
            world.trace.note("a person says of \(key): \("\(verdict)".prefix { $0 != "(" }), taken: \(isTaken)")
            if isTaken { world.promises.decided(key, verdict) }
        }
    }

    private func settleEffects(_ store: any LedgerStore, _ choose: () -> Choice) throws(LedgerError) {
        for effect in try store.effectsInDoubt(World.scope) where effect.mode == .atMost && choose() != .leave {
            let verdict: EffectVerdict = world.promises.hasHappened(effect.key) ? .happened : .retry
            let isTaken = try store.perform([.resolveEffect(key: effect.key, verdict)])[0] == .changed(true)
            world.trace.note("a person says of \(effect.key): \(verdict), taken: \(isTaken)")
            if isTaken, verdict == .retry { world.promises.letLoose(effect.key) }
        }
    }

    private struct Reading: @unchecked Sendable {
        // Safe because: a simulation runs on one thread.
        let world: World
        init(_ world: World) { self.world = world }
    }
}
