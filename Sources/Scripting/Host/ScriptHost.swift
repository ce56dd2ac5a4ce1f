// Runs one script: joins the Lua state, the task scheduler and the 1ShotPay engine on one event loop.
// What each operation does is in Modules; which task runs next is TaskScheduler's business.

package import Console
package import LuaRuntime
package import NIOCore
package import OneShotPay
package import Recorder

/// One run of one script. It belongs to its event loop: everything but ``stop(_:)`` is called there.
package final class ScriptHost: LuaHost {
    package typealias Service = () throws(OneShotPayError) -> RecordedLinks

    let eventLoop: any EventLoop
    let options: ScriptOptions
    let source: ScriptSource
    let log: (LogMessage) -> Void
    private let makeService: Service
    var service: Result<RecordedLinks, OneShotPayError>?

    private(set) var state: LuaState!  // Safe because: set once in init, and needs `self` as its host.
    var scheduler = TaskScheduler()
    /// How to abandon what a task waits for outside.
    var abandon: [LuaTaskID: () -> Void] = [:]
    private var isDraining = false
    var isOver = false
    var exitStatus: Int32?
    /// Tasks that sleep, and the timer for the first of them.
    var sleepers = Sleepers<Waiter>()
    var alarm: (due: NIODeadline, timer: Scheduled<Void>)?
    /// Tasks that wait for a link to be made.
    var creating: Set<LuaTaskID> = []
    /// How many scripts' links with a key turned out to have expired.
    var expiredLinks = 0
    /// The API reference that the prelude wrote, when it was asked to.
    var reference: String?
    var groups: [Int64: WaitGroup] = [:]
    var nextGroup: Int64 = 1
    /// Table files that the script has open.
    var tables = OpenTables()
    /// What the script registered with `paylink.on`.
    var followUps: [FollowUpSpec] = []
    /// Events for the follow-ups, once the script itself is through.
    var feed: WatchFeed?
    var main: LuaTaskID?
    /// The task whose call is being answered.
    private(set) var caller: LuaTaskID?
    /// Tasks that wait until another one has loaded a module, by its name.
    var moduleWaiters: [String: [Waiter]] = [:]
    /// Failed calls whose results nobody can have looked at.
    var ignored = IgnoredFailures()
    /// The values of the secrets that the script has named.
    let secrets = SecretBook()
    /// How other hosts are reached: proxies, certificates.
    let configuration: OneShotPayConfiguration
    /// The script's own connections, made at the first use.
    var connections: Result<HTTPTransport, OneShotPayError>?
    /// Programs that have not ended yet.
    let programs = RunningPrograms()
    var completion: ((ScriptResult) -> Void)?

    /// - Parameters:
    ///   - service: makes the recorded service when the script first needs it.
    ///   - log: where `log.info` and the like go.
    package init(
        _ source: ScriptSource, options: ScriptOptions, eventLoop: any EventLoop,
        configuration: OneShotPayConfiguration = OneShotPayConfiguration(), service: @escaping Service,
        log: @escaping (LogMessage) -> Void
    ) throws(ScriptFailure) {
        self.source = source
        self.options = options
        self.eventLoop = eventLoop
        self.makeService = service
        self.configuration = configuration
        self.log = { [secrets] in log(secrets.redact($0)) }
        state = try LuaState(limits: options.limits, isolation: options.isolation, host: self)
        if let whenStuck = options.whenStuck { state.tellStuck(after: options.stuckAfter, whenStuck) }
        for operation in Operation.allCases {
            try state.define(
                LuaOperation(
                    number: operation.rawValue, name: operation.name, shown: operation.shown, waits: operation.waits,
                    tells: operation.tells))
        }
        if options.isolation != .none { keepConstants() }
        for (name, text) in Prelude.first { try state.runPrelude(text, chunk: "=[paylink \(name)]") }
    }

    /// Starts the script. `done` is called once, on the event loop, when it and all its tasks have ended.
    package func start(_ done: @escaping (ScriptResult) -> Void) {
        completion = done
        do {
            let main = try state.load(source.lua, chunk: source.chunkName, arguments: options.arguments)
            self.main = main
            scheduler.start(main: main)
        } catch {
            end(.failed(error))
            return
        }
        drain()
    }

    /// Ends the script and its tasks, each at what it waits for. A script that does not wait is ended by
    /// `state.stopper`, from another thread.
    package func stop(_ reason: LuaStop) {
        guard !isOver else { return }
        end(.stopped(reason))
    }

    /// Ends the script and its tasks with a failure that is not its own.
    func stop(because failure: ScriptFailure) {
        guard !isOver else { return }
        end(.failed(failure))
    }

    /// The service and its ledger, made at the first use.
    func links() throws(OneShotPayError) -> RecordedLinks {
        if let service { return try service.get() }
        let made: Result<RecordedLinks, OneShotPayError>
        do throws(OneShotPayError) {
            let links = try makeService()
            if let observer = options.waitObserver { links.engine.observeWaits(observer) }
            links.warn = log
            links.effectWaitChanged = { [weak self] waiter, isBlocked in
                self?.scheduler.blocked(LuaTaskID(raw: waiter.task), generation: waiter.generation, isBlocked)
            }
            made = .success(links)
        } catch {
            made = .failure(error)
        }
        service = made
        return try made.get()
    }

    // MARK: LuaHost

    package func call(
        operation: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter
    ) -> Bool {
        guard let operation = Operation(rawValue: operation) else { return true }
        caller = task
        return answer(operation, &arguments, reply)
    }

    package func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool { scheduler.spawned(child, by: parent) }

    package func collected(_ task: LuaTaskID) { scheduler.collected(task) }

    func cancel(_ task: LuaTaskID) { scheduler.cancel(task) }

    // MARK: Running tasks

    /// Resumes a task whose wait is over, and then all that became ready by it.
    func complete(_ task: LuaTaskID, _ generation: UInt32, _ write: (LuaWriter) -> Void) {
        guard !isOver else { return }
        guard scheduler.resuming(task, generation: generation) else { return }
        abandon[task] = nil
        creating.remove(task)
        handle(state.resume(task, generation: generation, write), of: task)
        drain()
    }

    private func drain() {
        guard !isDraining else { return }
        isDraining = true
        defer { isDraining = false }
        let started = eventLoop.now
        var count = 0
        while !isOver, let action = scheduler.next() {
            perform(action)
            count += 1
            if count % 64 == 0, eventLoop.now - started > .milliseconds(10) {
                // Tasks that only wake each other leave the loop its turn; their stretch goes on.
                eventLoop.assumeIsolated().execute { self.drain() }
                return
            }
        }
        state.rest()
        if !isOver { flushOutput() }  // what was printed is seen while the script waits
    }

    private func perform(_ action: TaskScheduler.Action) {
        switch action {
        case .start(let task):
            guard scheduler.resuming(task) else { return }
            handle(state.resume(task, generation: 0), of: task)
        case .deliver(let task, let generation, let other):
            guard scheduler.resuming(task) else { return }
            handle(state.resume(task, generation: generation, withResultsOf: other), of: task)
        case .deliverIndex(let task, let generation, let index):
            guard scheduler.resuming(task) else { return }
            handle(state.resume(task, generation: generation) { $0.integer(Int64(index)) }, of: task)
        case .kill(let task, nil):
            abandon.removeValue(forKey: task)?()
            state.kill(task)
            letGo(of: task)
            endIfStopped()
        case .kill(let task, let failure?):
            abandon.removeValue(forKey: task)?()
            state.kill(task, code: failure.code ?? "failed", message: failure.message)
            letGo(of: task)
            endIfStopped()
        case .refuse(let task, let generation):
            guard scheduler.resuming(task) else { return }
            let message =
                "these tasks would wait for each other for ever: a task cannot join itself or one that waits for it"
            handle(state.resume(task, generation: generation, raising: true) { $0.string(message) }, of: task)
        case .release(let task):
            state.release(task)
        case .end(.finished): end(.finished(status: exitStatus ?? 0))
        case .end(.cancelled):
            end(.failed(ScriptFailure(message: "the script's main task was cancelled", code: "cancelled")))
        case .end(.failed(let failure)): end(.failed(failure))
        case .end(.deadlock(let tasks)): end(.failed(deadlock(tasks)))
        }
    }

    /// `os.exit` says which; without it the script has ended because nobody reads what it prints.
    private var statusOfExit: Int32 { exitStatus ?? ScriptResult.abandonedOutput }

    /// A `<close>` handler of a killed task may have called `os.exit`, or used up the last of a budget.
    private func endIfStopped() {
        if let lost = state.lost { return end(.failed(lost)) }
        guard let stop = state.stopped else { return }
        end(stop == .exit ? .finished(status: statusOfExit) : .stopped(stop.isForeign ? stop : .deadline))
    }

    private func handle(_ outcome: LuaOutcome, of task: LuaTaskID) {
        switch outcome {
        case .waiting(let operation, let generation, var arguments):
            begin(operation, task, generation, &arguments)
        case .finished:
            letGo(of: task)
            if task == main { follow() }
            if !isOver { scheduler.finished(task) }
        case .failed(let failure):
            if let stop = failure.stop {
                end(
                    stop == .exit
                        ? .finished(status: statusOfExit) : stop.isForeign ? .stopped(stop) : .failed(failure))
            } else {
                letGo(of: task)
                scheduler.failed(task, located(failure, task))
            }
        case .stale:
            break
        }
    }

    /// A task has ended: what its iterators still hold goes, whether or not anybody has them.
    private func letGo(of task: LuaTaskID) {
        tables.closeReaders(of: task)
        for (id, group) in groups where group.owner == task { closeGroup(id, group) }
    }

    private func begin(
        _ number: UInt32, _ task: LuaTaskID, _ generation: UInt32, _ arguments: inout LuaReader
    ) {
        guard let operation = Operation(rawValue: number) else { return }
        switch operation {
        case .join:
            let targets = arguments.task().map { [$0] } ?? []
            scheduler.joins(task, generation: generation, targets: targets, any: false)
        case .joinAny:
            // A list begins anew; without one the next of the same list is meant.
            guard arguments.enter() != nil else { return scheduler.joinsNext(task, generation: generation) }
            var targets: [LuaTaskID] = []
            while let target = arguments.task() { targets.append(target) }
            scheduler.joins(task, generation: generation, targets: targets, any: true)
        default:
            guard scheduler.waits(task, generation: generation) else { return }
            let waiter = Waiter(host: self, task: task, generation: generation)
            if operation == .create { creating.insert(task) }
            abandon[task] = startWaiting(operation, &arguments, waiter)
        }
    }

    func flushOutput() {
        if let clear = options.beforeOutput, StandardOutput.isPending { clear() }
        StandardOutput.flush()
    }
}
