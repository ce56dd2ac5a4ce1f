// A process of the shop: started, killed, started again. What it does in each of its lives is a ShopRun.

import Chance
import Ledger
import NIOCore
import OneShotPay
import Recorder
import Simulation

final class ShopProcess: @unchecked Sendable {
    // Safe because: a simulation runs on one thread.

    let plan: Plan.Process
    unowned let world: World
    /// Which of its lives it is in, from 1.
    private(set) var life = 0
    private(set) var run: ShopRun?
    /// Orders, by their place in the plan, that it need not look at again.
    private(set) var settled: Set<Int> = []
    /// Orders without a key that were begun: nobody can tell whether they were made.
    private var begun: Set<Int> = []
    private var clockAhead: Double
    private var isStarting = false
    private var random: SplitMix

    init(_ plan: Plan.Process, _ world: World) {
        self.plan = plan
        self.world = world
        clockAhead = plan.clockAhead
        random = SplitMix(seed: world.plan.seed, target: "process", index: UInt64(plan.number))
    }

    var name: String {
        let kind =
            switch plan.work {
            case .making: "maker"
            case .script: "script"
            case .watching: "watch"
            }
        return "\(kind) \(plan.number) (life \(life))"
    }

    /// By its own clock.
    var unixTime: Int64 { Plan.unixStart + Int64((world.now + clockAhead).rounded(.down)) }

    func begin() { world.later(plan.startsAt) { [self] in start() } }

    /// Whether it waits for nothing that must still come.
    var isAtRest: Bool {
        switch plan.work {
        case .watching: run?.isWatching ?? false
        case .making(let orders, _), .script(let orders): orders.allSatisfy(settled.contains)
        }
    }

    func settle(_ order: Int) { settled.insert(order) }

    /// Whether it is still to be made here.
    func wants(_ order: Int) -> Bool { !settled.contains(order) && !begun.contains(order) }

    func notesBegin(of order: Int) {
        if world.plan.orders[order].key == nil { begun.insert(order) }
    }

    func dies(after steps: Int) {
        guard let run, !run.life.hasEnded else { return }
        run.life.endsBefore = run.life.steps + steps
    }

    func setClock(by seconds: Double) {
        clockAhead += seconds
        world.trace.note("the clock of \(name) is set by \(seconds) s")
    }

    /// Starts it now if it is to be started some time.
    func wake() {
        if run == nil, !isAtRest { start() }
    }

    func shutDown() {
        run?.life.end()
        run = nil
    }

    private func start() {
        guard run == nil else { return }
        // What was begun without a key and left alone is nobody's any more.
        for order in begun where !settled.contains(order) { settled.insert(order) }
        if case .watching = plan.work {} else if isAtRest { return }
        life += 1
        world.trace.note("\(name) starts")
        do {
            let run = try ShopRun(self)
            self.run = run
            run.life.whenEnded = { [weak self] in self?.killed() }
            try run.begin { [weak self] in self?.ended() }
        } catch {
            world.promises.violated("\(name) could not start: \(error)")
        }
    }

    private func killed() {
        world.trace.note("\(name) is killed")
        world.count("kill")
        run?.close()
        run = nil
        startAgain(after: random.spread(0.1, 120))
    }

    /// It ended by itself.
    private func ended() {
        guard let run else { return }
        world.trace.note("\(name) ends")
        run.life.whenEnded = nil
        run.life.end()
        run.close()
        self.run = nil
        startAgain(after: random.between(5, 30))
    }

    private func startAgain(after seconds: Double) {
        guard !isStarting else { return }
        isStarting = true
        let due = world.now + seconds
        // Once nothing goes wrong any more nobody waits for long.
        world.later(world.now < world.plan.length ? min(due, world.plan.length) : due) { [self] in
            isStarting = false
            start()
        }
    }
}
