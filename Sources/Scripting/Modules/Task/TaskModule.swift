// task and sleep: tasks that join others, are cancelled, or rest for a while.

import LuaRuntime
import NIOCore

final class TaskModule: APIModule {
    static let lua = [LuaFile(name: "task", text: PackageResources.task_lua, globals: ["task", "sleep"])]

    private unowned let host: ScriptHost
    /// Tasks that sleep, and the timer for the first of them.
    private var sleepers = Sleepers<Waiter>()
    private var alarm: (due: NIODeadline, timer: Scheduled<Void>)?

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("cancel", untrusted: .granted, .notes { [unowned self] in cancel(&$0) }),
            Operation("sleep", untrusted: .granted, .waits(sleep)),
            Operation("join", shown: "handle:join", untrusted: .granted, .joins(join)),
            Operation("join_any", shown: "task.any", untrusted: .granted, .joins(joinAny)),
        ]
    }

    private func cancel(_ arguments: inout LuaReader) {
        if let task = arguments.task() { host.scheduler.cancel(task) }
    }

    /// Arguments: task.
    private func join(_ arguments: inout LuaReader, _ task: LuaTaskID, _ generation: UInt32) {
        let targets = arguments.task().map { [$0] } ?? []
        host.scheduler.joins(task, generation: generation, targets: targets, any: false)
    }

    /// Arguments: a list of tasks, or nil for the next of the same list.
    private func joinAny(_ arguments: inout LuaReader, _ task: LuaTaskID, _ generation: UInt32) {
        guard arguments.enter() != nil else { return host.scheduler.joinsNext(task, generation: generation) }
        var targets: [LuaTaskID] = []
        while let target = arguments.task() { targets.append(target) }
        host.scheduler.joins(task, generation: generation, targets: targets, any: true)
    }

    // MARK: Sleeping

    /// Arguments: duration.
    private func sleep(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let delay = arguments.duration() ?? .zero
        let due = host.eventLoop.now + TimeAmount(delay)
        let number = sleepers.add(waiter, due: due)
        setAlarm(due)
        return { [weak self] in self?.sleepers.remove(number) }
    }

    /// Makes sure that somebody looks when the next sleeper is due.
    private func setAlarm(_ due: NIODeadline) {
        if let alarm, alarm.due <= due { return }
        alarm?.timer.cancel()
        alarm = (
            due, host.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in self?.wakeSleepers() }
        )
    }

    private func wakeSleepers() {
        alarm = nil
        let (now, last) = (host.eventLoop.now, sleepers.last)
        while let waiter = sleepers.popDue(now, upTo: last) {
            waiter.returns { _ in }
            // Of thousands that are due at once some leave the loop its turn.
            if host.eventLoop.now - now > .milliseconds(10) { break }
        }
        if let due = sleepers.due { setAlarm(due) }
    }

    func scriptEnded(_ result: ScriptResult) -> ScriptFailure? {
        alarm?.timer.cancel()
        return nil
    }
}
