// One life of a process: its event loop, client and ledger, and what it does with them.

import Chance
import Console
import HTTPTransport
import Ledger
import LuaRuntime
import NIOCore
import OneShotPay
import Recorder
import Sandbox
import Scripting
import Simulation

final class ShopRun: @unchecked Sendable {
    // Safe because: a simulation runs on one thread.

    let life: SimulatedLife
    let loop: SimulatedLoop
    private let process: ShopProcess
    private let world: World
    private let number: Int
    private var random: SplitMix
    private var requests = 0
    private var looks: [Double] = []
    /// When a look was refused for its token: it is sent again at once.
    private var refusals: [Double] = []
    private var stores: [any LedgerStore] = []
    private var host: ScriptHost?
    private var making: Making?
    private(set) var isWatching = false
    private let begunAt: ContinuousClock.Instant
    let configuration: OneShotPayConfiguration

    init(_ process: ShopProcess) throws {
        self.process = process
        world = process.world
        number = process.life
        let seed = world.plan.seed
        var random = SplitMix(seed: seed, target: "life of \(process.plan.number)", index: UInt64(number))
        let time = world.time
        life = SimulatedLife(time)
        var delays = SplitMix(random.next())
        loop = SimulatedLoop(time, life) { .nanoseconds(Int64(delays.below(100_000))) }
        self.random = random
        begunAt = ContinuousClock.Instant.now
        var configuration = OneShotPayConfiguration()
        configuration.pollingRate = process.plan.pollingRate
        self.configuration = configuration
    }

    func begin(_ done: @escaping () -> Void) throws {
        switch process.plan.work {
        case .making(let orders, let width):
            making = Making(try links(), process, orders.filter(process.wants), width: width, done)
            making?.begin()
        case .script(let orders):
            try begin(ShopScript.checkout(orders.filter(process.wants), world.plan), watch: nil, done)
            for order in orders { process.notesBegin(of: order) }
        case .watching:
            var watch = WatchOptions(name: "watch")
            watch.pace = .seconds(Int64(world.plan.pace))
            watch.reachesBack = .seconds(7 * 86_400)
            watch.step = 1...3
            watch.report = { [weak self] in self?.isWatching = $0.readsLedger }
            try begin(ShopScript.watch(world.plan), watch: watch, done)
        }
    }

    func beTakenForDead() { for store in stores { (store as? MemoryLedger)?.beTakenForDead() } }

    /// What the system takes back when a process has ended.
    func close() {
        for store in stores { store.close() }
        stores = []
        host = nil
        making = nil
    }

    private func begin(_ script: String, watch: WatchOptions?, _ done: @escaping () -> Void) throws {
        var options = ScriptOptions(limits: LuaLimits(stretch: nil))
        options.watch = watch
        let host = try ScriptHost(
            ScriptSource(text: Array(script.utf8), name: "simulated"), options: options, eventLoop: loop,
            configuration: configuration,
            service: { [unowned self] () throws(OneShotPayError) in try links() },
            log: { [unowned self] message in
                ShopScript.heard(message.text, Dictionary(message.fields.map { ($0.name, $0.value) }) { $1 }, process)
            })
        self.host = host
        loop.execute { [self] in
            host.start { [self] result in
                world.trace.note("\(process.name)'s script: \(result)")
                if case .failed(let failure) = result, failure.code == nil {
                    world.promises.violated("\(process.name)'s script failed: \(failure.message)")
                }
                loop.execute(done)
            }
        }
    }

    // MARK: Client and ledger

    private func links() throws(OneShotPayError) -> RecordedLinks {
        var environment = PayLinkEngine.Environment()
        environment.unixTime = { [process] in process.unixTime }
        environment.instant = { [world, begunAt] in
            begunAt.advanced(by: .nanoseconds(world.time.elapsed.nanoseconds))
        }
        environment.random = { [self] in random.uniform() }
        let life = number
        let connection = SimulatedConnection(
            world.time, self.life, limit: .seconds(30), decide: { [self] in decide($0) },
            serve: { [world, process, weak self] request in
                let answer = world.serve(request, from: process, life: life)
                if answer.response.status == 401, request.method == "GET" { self?.refusals.append(world.now) }
                return answer
            })
        let engine = try PayLinkEngine(
            configuration: configuration,
            credentials: try Credentials(
                userID: SandboxOptions.defaultUserID, apiToken: SandboxOptions.defaultAPIToken),
            eventLoop: loop, environment: environment, connection: connection)
        return RecordedLinks(
            engine: engine, ledger: writer(), account: SandboxOptions.defaultUserID,
            limits: CreationLimits(maximumLinks: process.plan.maximumLinks))
    }

    private func decide(_ request: ArrivedRequest) -> RequestFate {
        requests += 1
        if request.path.hasSuffix("/links") { world.promises.leaves(request, process.name) }
        if request.method == "GET" {
            looks.append(world.now)
            if looks.count > 2_000 { looks.removeFirst(1_000) }
            var others = refusals.count { world.now - $0 < 120 }
            if case .watching = process.plan.work {} else { others += 8 * world.plan.orders.count }
            world.promises.looked(looks, rate: process.plan.pollingRate, others: others, process.name)
        }
        world.trace.note("\(process.name) sends \(request.method) \(request.path.split(separator: "/").last ?? "")")
        let fate = world.fate(of: request, from: process, number: requests)
        if case .refused(401, _) = fate.ending, request.method == "GET" { refusals.append(world.now) }
        return fate
    }

    private func writer() -> LedgerWriter {
        var draw = SplitMix(random.next())
        let steps = Draws { draw.uniform() }
        return LedgerWriter(
            open: { [self] () throws(LedgerError) in
                let base = try world.ledger.open(command: process.name) { [process] in process.unixTime }
                stores.append(base)
                return FaultyStore(
                    base, failure: { [self] in world.ledgerFailure(of: process.plan.number, &random) },
                    whenCommitted: { [self] in note($0) })
            },
            deliver: { [loop] body in loop.execute(body) },
            place: .later { [self] body in
                let delay = 0.000_2 + 0.01 * steps.next() + world.diskDelay(of: process.plan.number)
                world.time.add(due: world.time.now + TimeAmount(seconds: delay), life: life, body)
            })
    }

    private func note(_ operations: [LedgerOperation]) {
        guard world.trace.isKept else { return }
        for operation in operations {
            let words = "\(operation)"
            world.trace.note("  \(process.name) has committed \(words.prefix(while: { $0 != "\"" }).prefix(60))")
        }
    }

    private struct Draws: @unchecked Sendable {
        // Safe because: a simulation runs on one thread.
        let next: () -> Double
        init(_ next: @escaping () -> Double) { self.next = next }
    }
}

/// Makes links for orders, so many at once; then it is over, whatever became of them.
final class Making {
    private let links: RecordedLinks
    private let process: ShopProcess
    private var rest: ArraySlice<Int>
    private let width: Int
    private var open = 0
    private var isClosing = false
    private let done: () -> Void

    init(_ links: RecordedLinks, _ process: ShopProcess, _ orders: [Int], width: Int, _ done: @escaping () -> Void) {
        self.links = links
        self.process = process
        rest = orders[...]
        self.width = width
        self.done = done
    }

    func begin() {
        while open < width, let index = rest.popFirst() {
            open += 1
            let order = process.world.plan.orders[index]
            process.notesBegin(of: index)
            links.create(order.terms) { [self] result in
                ended(index, order, result)
                open -= 1
                begin()
            }
        }
        guard open == 0, !isClosing else { return }
        isClosing = true
        links.shutdown { [self] in done() }
    }

    private func ended(_ index: Int, _ order: Plan.Order, _ result: Result<PayLink, LinkFailure>) {
        let world = process.world
        switch result {
        case .success(let link):
            world.trace.note("\(process.name) publishes \(link.id) for \(order.description)")
            world.promises.published(order, link.id, by: process.name)
            process.settle(index)
        case .failure(let failure):
            world.trace.note("\(process.name) has no link for \(order.description): \(failure)")
            if world.promises.isFinal(failure.code.name, for: order, by: process.name) { process.settle(index) }
        }
    }
}
