// How a script's tasks run: what the scheduler says is done, and what Lua answers is told to the scheduler.

import LuaRuntime
import NIOCore

extension ScriptHost {
    /// Resumes a task whose wait is over, and then all that became ready by it.
    func complete(_ task: LuaTaskID, _ generation: UInt32, _ write: (LuaWriter) -> Void) {
        guard !isOver else { return }
        guard scheduler.resuming(task, generation: generation) else { return }
        abandon[task] = nil
        handle(state.resume(task, generation: generation, write), of: task)
        drain()
    }

    func drain() {
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
            if task == main { for module in modules { module.mainTaskEnded() } }
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

    private func letGo(of task: LuaTaskID) {
        for module in modules { module.taskEnded(task) }
    }

    private func begin(
        _ number: UInt32, _ task: LuaTaskID, _ generation: UInt32, _ arguments: inout LuaReader
    ) {
        guard let operation = operation(number) else { return }
        switch operation.body {
        case .answers, .notes: break
        case .joins(let join): join(&arguments, task, generation)
        case .waits(let start):
            guard scheduler.waits(task, generation: generation) else { return }
            let waiter = Waiter(host: self, task: task, generation: generation)
            if options.isUntrusted, let refuse = operation.refusalToUntrusted(options.words) {
                soon { waiter.returns(refuse) }
            } else {
                abandon[task] = start(&arguments, waiter)
            }
        }
    }

    func flushOutput() {
        if let clear = options.beforeOutput, StandardOutput.isPending { clear() }
        StandardOutput.flush()
    }

    /// Runs after the current task has been put aside.
    package func soon(_ body: @escaping () -> Void) { eventLoop.assumeIsolated().execute(body) }
}
