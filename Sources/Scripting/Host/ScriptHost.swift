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

    package let eventLoop: any EventLoop
    let options: ScriptOptions
    package let source: ScriptSource
    let log: (LogMessage) -> Void
    private let makeService: Service
    /// The service, or why there is none, once it was asked for. Not a `Result`: the type of one is looked up through the whole
    /// program when a script starts.
    private(set) var service: RecordedLinks?
    private var serviceProblem: OneShotPayError?

    private(set) var state: LuaState!  // Safe because: set once in init, and needs `self` as its host.
    private(set) var modules: [any ScriptModule] = []
    /// By their numbers, less one.
    private var operations: [Operation] = []
    var scheduler = TaskScheduler()
    /// How to abandon what a task waits for outside.
    var abandon: [LuaTaskID: () -> Void] = [:]
    var isDraining = false
    var isOver = false
    /// What `os.exit` was given.
    var exitStatus: Int32?
    /// The API reference that the prelude wrote, when it was asked to.
    var reference: String?
    private(set) var main: LuaTaskID?
    /// The task whose call is being answered.
    private(set) var caller: LuaTaskID?
    /// The values of the secrets that the script has named.
    let secrets = SecretBook()
    /// How other hosts are reached: proxies, certificates.
    let configuration: OneShotPayConfiguration
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
        var options = options
        options.files.words = options.words
        self.options = options
        self.eventLoop = eventLoop
        self.makeService = service
        self.configuration = configuration
        self.log = { [secrets] in log(secrets.redact($0)) }
        state = try LuaState(limits: options.limits, isolation: options.isolation, host: self)
        if let whenStuck = options.whenStuck { state.tellStuck(after: options.stuckAfter, whenStuck) }
        modules =
            ScriptModules.all.map { $0.init(self) as any ScriptModule } + (options.world?.modules(for: self) ?? [])
            + (options.ownModules?(self) ?? [])
        operations = modules.flatMap { $0.operations }
        for (index, operation) in operations.enumerated() {
            try state.define(LuaOperation(operation, number: UInt32(index) + 1))
        }
        if options.isolation != .none { keepConstants() }
        let own = options.world?.lua.map { ($0.name, $0.text) } ?? []
        for (name, text) in Prelude.first + own { try state.runPrelude(text, chunk: "=[paylink \(name)]") }
        if options.lineObserver != nil { state.countLines() }
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

    /// Lets go of everything at once, as when a simulated process is killed: nothing more happens in Lua or outside.
    package func discard() {
        if !isOver { options.lineObserver?(state.lineCounts) }
        isOver = true
        completion = nil
        abandon = [:]
        service?.discard()
        service = nil
        modules = []
        operations = []
    }

    /// Ends the script and its tasks with a failure that is not its own.
    func stop(because failure: ScriptFailure) {
        guard !isOver else { return }
        end(.failed(failure))
    }

    /// The service and its ledger, made at the first use.
    func links() throws(OneShotPayError) -> RecordedLinks {
        if let service { return service }
        if let serviceProblem { throw serviceProblem }
        do throws(OneShotPayError) {
            let links = try makeService()
            if let observer = options.waitObserver { links.engine.observeWaits(observer) }
            links.warn = log
            links.effectWaitChanged = { [weak self] waiter, isBlocked in
                self?.scheduler.blocked(LuaTaskID(raw: waiter.task), generation: waiter.generation, isBlocked)
            }
            service = links
            return links
        } catch {
            serviceProblem = error
            throw error
        }
    }

    // MARK: LuaHost

    package func call(
        operation number: UInt32, task: LuaTaskID?, arguments: inout LuaReader, reply: LuaWriter
    ) -> Bool {
        guard let operation = operation(number) else { return true }
        caller = task
        if options.isUntrusted, let refuse = operation.refusalToUntrusted(options.words) {
            refuse(reply)
            return true
        }
        switch operation.body {
        case .answers(let answer): answer(&arguments, reply)
        case .notes(let note): note(&arguments)
        case .waits, .joins: break
        }
        return true
    }

    /// A script's own process is told beforehand what it need not ask for.
    private func keepConstants() {
        for (index, operation) in operations.enumerated() {
            guard case .answers(let answer) = operation.body else { continue }
            for arguments in operation.constantFor {
                state.keep(
                    LuaConstant(operation: UInt32(index) + 1, arguments: arguments) { reply in
                        let given = LuaEncoded(arguments)
                        var reader = given.reader
                        answer(&reader, reply)
                    })
            }
        }
    }

    func operation(_ number: UInt32) -> Operation? {
        (1...operations.count).contains(Int(number)) ? operations[Int(number) - 1] : nil
    }

    package func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool { scheduler.spawned(child, by: parent) }

    package func collected(_ task: LuaTaskID) { scheduler.collected(task) }
}
