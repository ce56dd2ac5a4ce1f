// One process of a test's world: a script on an event loop of its own, with a client and a ledger as any other has. It
// ends by itself, is asked to, or is killed between any two of its steps.

import Chance
import Console
import HTTPTransport
import Ledger
import LuaRuntime
import Mail
import NIOCore
import OneShotPay
import Programs
import Recorder
import Sandbox
import Scripting
import Simulation

final class TestProcess: @unchecked Sendable {
    // Safe because: a world lives on one thread.

    /// What a process is started with.
    struct Order {
        var source: ScriptSource
        /// What reports call it; the script's own name if there is none.
        var name: String?
        var arguments: [String] = []
        var input: [UInt8] = []
        var watch: WatchOptions?
        var job: JobFacts?
        var isDryRun = false
        var maximumLinks: Int?
        /// Its working directory; that of the tests if there is none.
        var workingFolder: String?
    }

    /// What has become of it.
    struct Outcome {
        var result: ScriptResult
        var status: Int32
        var output: [UInt8]
        var errors: String
        var wasKilled = false
    }

    unowned let world: TestWorld
    let order: Order
    let life: SimulatedLife
    let loop: SimulatedLoop
    private(set) lazy var http: any HTTPSender = WorldNetwork(world, script: order.source.name, on: loop)
    private(set) var host: ScriptHost?
    /// What it runs in place of a script.
    private(set) var batch: TestBatch?
    private(set) var outcome: Outcome?
    private let streams: WorldStreams
    private var errors = ""
    private var stores: [any LedgerStore] = []
    private var whenOver: [(Outcome) -> Void] = []
    /// Whether somebody has asked how it ended.
    private var isWaitedFor = false
    /// What a test's own script has besides.
    private let spec: SpecTest?

    init(_ order: Order, _ world: TestWorld, spec: SpecTest? = nil) throws(WorldFailure) {
        self.order = order
        self.world = world
        self.spec = spec
        life = SimulatedLife(world.time)
        loop = SimulatedLoop(world.time, life)
        streams = try WorldStreams(input: order.input)
        world.add(self)
    }

    /// Starts it; the script runs from the world's next step on.
    func start() throws(ScriptFailure) {
        var options = ScriptOptions(
            arguments: order.arguments, limits: world.settings.limits, environment: world.environment,
            logLevel: .debug)
        options.words = world.settings.words
        // The test itself may read what its scripts write.
        if spec != nil { _ = try? world.makeFolder() }
        options.files = FileAccess(
            own: [order.workingFolder ?? ".", order.source.directory ?? "."], readable: [],
            writable: [world.folderOfItsOwn].compactMap { $0 })
        options.files.base = order.workingFolder
        options.network = .everywhere
        options.recipients = .everybody
        options.mail.server = "smtp://mail.test:25"
        options.mail.from = "shop@shop.test"
        options.secrets = SecretSource { [unowned world] name in
            world.secrets[name].map { .success($0) } ?? SecretSource.none.read(name)
        }
        options.watch = order.watch
        options.job = order.job
        options.isDryRun = order.isDryRun
        options.world = self
        options.lineObserver = world.lineObserver
        let host = try ScriptHost(
            order.source, options: options, eventLoop: loop, configuration: OneShotPayConfiguration(),
            service: { [unowned self] () throws(OneShotPayError) in try links(OneShotPayConfiguration()) },
            log: { [unowned self] in noteMessage($0) })
        self.host = host
        loop.execute { host.start { [weak self] in self?.ended($0) } }
    }

    /// Starts a batch in place of a script.
    func start(_ order: BatchOrder) {
        let batch = TestBatch(order, in: self)
        self.batch = batch
        batch.start()
    }

    /// Calls back when it is over, at once if it is.
    func onceOver(_ done: @escaping (Outcome) -> Void) {
        isWaitedFor = true
        if let outcome { done(outcome) } else { whenOver.append(done) }
    }

    /// As SIGTERM would: a watch lets its follow-ups finish.
    func finish() { loop.execute { [self] in host?.finish() } }

    /// As SIGKILL would.
    func kill() {
        guard outcome == nil else { return }
        life.end()
        close(.stopped(.interrupt), status: 137, wasKilled: true)
    }

    private func ended(_ result: ScriptResult) {
        // The callback is the host's own: it is let go afterwards.
        world.later(.zero) { [self] in
            guard outcome == nil else { return }
            if case .failed(let failure) = result {
                errors += "\(failure.message)\n"
                if !failure.traceback.isEmpty { errors += "stack:\n\(failure.traceback)\n" }
            }
            life.end()
            close(result, status: world.settings.exitStatus(result), wasKilled: false)
        }
    }

    /// The batch has ended.
    func ended(status: Int32) {
        world.later(.zero) { [self] in
            guard outcome == nil else { return }
            life.end()
            close(.finished(status: status), status: status, wasKilled: false)
        }
    }

    private func close(_ result: ScriptResult, status: Int32, wasKilled: Bool) {
        host?.discard()
        host = nil
        for store in stores { store.close() }
        stores = []
        let outcome = Outcome(
            result: result, status: status, output: streams.output(), errors: errors,
            wasKilled: wasKilled)
        self.outcome = outcome
        if wasKilled { batch?.discard() }
        let waiting = whenOver
        whenOver = []
        for done in waiting { done(outcome) }
    }

    /// That it failed, if nobody has seen it.
    var unseenFailure: String? {
        guard !isWaitedFor, let outcome, !outcome.wasKilled, case .failed(let failure) = outcome.result else {
            return nil
        }
        return "\(order.name ?? order.source.name) failed, and the test has not waited for it (process:wait()): "
            + failure.message
    }

    /// How it ended and what it said, for whoever looks for the reason of a failure.
    var summary: String? {
        guard let outcome, !outcome.wasKilled || !outcome.errors.isEmpty else { return nil }
        let end = outcome.wasKilled ? "was killed" : "ended with status \(outcome.status)"
        let output = TestReport.shown(outcome.output)
        let said = [(" and printed", output), (" and said", TestReport.shown(Array(outcome.errors.utf8)))].filter {
            !$0.1.isEmpty
        }
        return "\(order.name ?? order.source.name) \(end)" + said.map { "\($0):\n" + $1 }.joined()
    }

    // MARK: Standard error

    func noteError(_ text: String) { errors += text }

    func noteMessage(_ message: LogMessage) {
        let fields = message.fields.map { " \($0.name)=\($0.value)" }.joined()
        errors += "\(message.level.rawValue): \(message.text)\(fields)\n"
    }

    // MARK: Client and ledger

    func links(_ configuration: OneShotPayConfiguration) throws(OneShotPayError) -> RecordedLinks {
        let world = world
        var environment = PayLinkEngine.Environment()
        environment.unixTime = { Int64(world.unixTime) }
        let begunAt = ContinuousClock.now
        environment.instant = { begunAt.advanced(by: .nanoseconds(world.time.elapsed.nanoseconds)) }
        environment.random = { world.random.uniform() }
        environment.quiet = loop.quiet(unless: { world.hasFaults })
        let connection = SimulatedConnection(
            world.time, life, width: configuration.maximumConnections, limit: .seconds(30),
            decide: { _ in world.fate() }, serve: { world.serve($0) })
        let engine = try PayLinkEngine(
            configuration: configuration,
            credentials: try Credentials(
                userID: SandboxOptions.defaultUserID, apiToken: SandboxOptions.defaultAPIToken),
            eventLoop: loop, environment: environment, connection: connection)
        let links = RecordedLinks(
            engine: engine, ledger: writer(), account: SandboxOptions.defaultUserID,
            limits: CreationLimits(maximumLinks: order.maximumLinks, isDryRun: order.isDryRun),
            words: world.settings.words)
        engine.clockObserver = { [unowned self] in errors += "warning: \($0.warning)\n" }
        return links
    }

    private func writer() -> LedgerWriter {
        LedgerWriter(
            open: { [self] () throws(LedgerError) in
                let store = world.store()
                stores.append(store)
                return store
            },
            deliver: { [loop] body in loop.execute(body) },
            place: .later { [loop] body in loop.execute(body) })
    }
}

extension TestProcess: ScriptWorld {
    var unixTime: Double { world.unixTime }

    func random() -> Double { world.random.uniform() }

    var lua: [LuaFile] {
        [LuaFile(name: "surroundings", text: PackageResources.surroundings_lua)] + (spec == nil ? [] : SpecTest.lua)
    }

    func modules(for host: ScriptHost) -> [any ScriptModule] {
        let surroundings = SurroundingsModule(self, streams)
        return spec.map { [surroundings, WorldModule(host, world), SpecModule(host, $0)] } ?? [surroundings]
    }

    func deliver(
        _ mail: MailMessage, via server: String, _ done: @escaping (Result<MailReceipt, MailFailure>) -> Void
    ) {
        let shown = WorldMail(mail, at: world.unixTime)
        guard world.desk.judgesMail else {
            world.outbox.append(shown)
            return loop.execute { done(.success(MailReceipt(accepted: mail.recipients, refused: []))) }
        }
        world.desk.ask(.mail(shown)) { [world, order, loop] answer in
            switch answer {
            case .mail(let answer):
                let result = answer.result(for: mail.recipients)
                if case .success = result { world.outbox.append(shown) }
                loop.execute { done(result) }
            case .none(let why):
                world.fails("\(order.source.name) sent a mail, and \(why) (world.mail)")
                loop.execute { done(.failure(MailFailure(.failed, "the test has no answer for this mail"))) }
            case .response, .program: return
            }
        }
    }

    func run(_ call: ProgramCall, _ done: @escaping (Result<ProgramResult, ProgramFailure>) -> Void) {
        world.desk.ask(.program(call)) { [world, order, loop] answer in
            let result: Result<ProgramResult, ProgramFailure>
            switch answer {
            case .program(let program): result = .success(program)
            case .none(let why):
                let name = call.arguments.first ?? call.path
                world.fails("\(order.source.name) ran \(name), and \(why) (world.program)")
                result = .failure(ProgramFailure(code: .startFailed, message: "\(name) is not in the test's world"))
            case .response, .mail: return
            }
            loop.execute { done(result) }
        }
    }
}
