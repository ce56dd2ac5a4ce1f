// Which task runs next, who owns whom, and what becomes of the others when one ends: a pure state machine.
// Events go in as calls, actions come out of `next()`. It knows no module, no clock and no Lua.

import LuaRuntime

/// Structured tasks: parents own their children, a failed child fails its parent unless somebody joined it,
/// a cancelled task ends with all it owns, and a circle of joins is found.
struct TaskScheduler {
    /// What the host must do next.
    enum Action: Equatable {
        case start(LuaTaskID)
        /// Resume a joiner with the results (or the error) of an ended task.
        case deliver(to: LuaTaskID, generation: UInt32, from: LuaTaskID)
        /// Resume a joiner of several with the index (from 1) of the one that ended first.
        case deliverIndex(to: LuaTaskID, generation: UInt32, index: Int)
        /// Abandon what the task waits for, and close its coroutines; because a child failed, or it was cancelled.
        indirect case kill(LuaTaskID, because: ScriptFailure?)
        /// Tell a task that it would wait for itself, directly or through others.
        case refuse(LuaTaskID, generation: UInt32)
        case release(LuaTaskID)
        indirect case end(End)
    }

    /// How the whole script ended.
    enum End: Equatable {
        case finished
        case failed(ScriptFailure)
        case cancelled
        /// Every task that is left waits for another one.
        case deadlock([LuaTaskID])
    }

    enum State: Equatable {
        case ready, running
        case waiting(generation: UInt32)
        case joining(generation: UInt32, [LuaTaskID], any: Bool)
        /// Its function returned; its children have not.
        case finishing
        case ended
    }

    struct Record {
        var state = State.ready
        var parent: LuaTaskID?
        var indexInParent: Int32 = 0
        /// How many owners it has, one above the other.
        var depth: Int32 = 0
        var children: [LuaTaskID] = []
        @Seldom var joiners = TaskQueue<LuaTaskID>()
        /// Failures of children that nobody joined.
        @Seldom var unhandled = UnhandledFailures()
        /// The tasks whose ends it takes one by one.
        @Seldom var gathering: Gathering? = nil
        /// Who gathers this one's end, and at which place of its list.
        @Seldom var gatherers = TaskQueue<Gatherer>()
        var isCollected = false
        var isCancelRequested = false
        /// What it waits for is another task's doing: nothing outside will end the wait.
        var isBlocked = false
    }

    var records: [Record?] = []
    private(set) var main: LuaTaskID?
    /// Tasks that wait for something outside, which will happen by itself.
    private(set) var outsideWaits = 0
    private(set) var isOver = false
    var actions: [Action] = []
    private var firstAction = 0
    /// How many gatherings there have been.
    var gatherings = 0

    // MARK: Events

    mutating func start(main id: LuaTaskID) {
        main = id
        insert(id, parent: nil)
        self[id].isCollected = true
        enqueue(.start(id))
    }

    /// Gives false when the task would be nested too deep; it is not kept then.
    mutating func spawned(_ child: LuaTaskID, by parent: LuaTaskID) -> Bool {
        guard self[parent].depth < LuaLimits.taskDepth else { return false }
        insert(child, parent: parent)
        enqueue(.start(child))
        return true
    }

    /// The host is about to resume the task. False: it is no longer there, or waits for something else by now.
    mutating func resuming(_ id: LuaTaskID, generation: UInt32? = nil) -> Bool {
        guard let record = record(id) else { return false }
        switch record.state {
        case .waiting(let current):
            if let generation, generation != current { return false }
            leaveWait(id)
        case .ready, .joining: if generation != nil { return false }
        case .running, .finishing, .ended: return false
        }
        self[id].state = .running
        return true
    }

    /// Gives false when the task is about to be ended: what it wants to wait for must not be begun.
    mutating func waits(_ id: LuaTaskID, generation: UInt32) -> Bool {
        self[id].state = .waiting(generation: generation)
        outsideWaits += 1
        if self[id].isCancelRequested {
            cancel(id)
            return false
        }
        if !self[id].unhandled.isEmpty {
            failForChild(id)
            return false
        }
        return true
    }

    /// A wait turns out to depend on another task (an effect that it is at), or no longer does: a circle of such
    /// waits is a deadlock like one of joins.
    mutating func blocked(_ id: LuaTaskID, generation: UInt32, _ isBlocked: Bool) {
        guard record(id)?.state == .waiting(generation: generation), self[id].isBlocked != isBlocked else { return }
        self[id].isBlocked = isBlocked
        outsideWaits += isBlocked ? -1 : 1
    }

    private mutating func leaveWait(_ id: LuaTaskID) {
        if !self[id].isBlocked { outsideWaits -= 1 }
        self[id].isBlocked = false
    }

    mutating func joins(_ id: LuaTaskID, generation: UInt32, targets: [LuaTaskID], any: Bool) {
        if self[id].isCancelRequested {
            self[id].state = .joining(generation: generation, [], any: any)
            cancel(id)
            return
        }
        if any {
            gather(id, targets)
            return joinsNext(id, generation: generation)
        }
        let targets = targets.filter { record($0) != nil }
        for target in targets where record(target)?.state == .ended {
            handle(target)
            self[id].state = .joining(generation: generation, [], any: any)
            enqueueJoin(id, endedTarget: target)
            return
        }
        if targets.allSatisfy({ reaches($0, id) }) {
            self[id].state = .joining(generation: generation, [], any: any)
            enqueue(.refuse(id, generation: generation))
            return
        }
        self[id].state = .joining(generation: generation, targets, any: any)
        for target in targets { self[target].joiners.add(id) }
    }

    mutating func finished(_ id: LuaTaskID) {
        if let first = self[id].unhandled.first {
            end(id, .failed(first))
        } else if self[id].children.isEmpty {
            end(id, .finished)
        } else if self[id].isCancelRequested {
            end(id, .cancelled)
        } else {
            self[id].state = .finishing
        }
    }

    mutating func failed(_ id: LuaTaskID, _ failure: ScriptFailure) { end(id, .failed(failure)) }

    /// Ends a task and all it owns. One that runs at this moment ends at its next wait; of one that has ended,
    /// nobody wants to know any more how.
    mutating func cancel(_ id: LuaTaskID) {
        guard let record = record(id) else { return }
        guard record.state != .ended else { return handle(id) }
        if record.state == .running {
            for child in record.children { cancel(child) }
            self[id].isCancelRequested = true
            return
        }
        killTree(id)
        end(id, .cancelled)
    }

    mutating func collected(_ id: LuaTaskID) {
        guard record(id) != nil else { return }
        self[id].isCollected = true
        releaseIfDone(id)
    }

    /// The next thing to do, or `nil` when everything waits.
    mutating func next() -> Action? {
        guard firstAction < actions.count else {
            if !isOver, main != nil, outsideWaits == 0 {
                isOver = true
                return .end(.deadlock(liveTasks))
            }
            return nil
        }
        defer {
            firstAction += 1
            if firstAction > 1024, firstAction > actions.count / 2 {
                actions.removeFirst(firstAction)
                firstAction = 0
            }
            if firstAction == actions.count {
                actions.removeAll(keepingCapacity: true)
                firstAction = 0
            }
        }
        return actions[firstAction]
    }

    /// Every task that has not ended, children before their parents.
    var liveTasks: [LuaTaskID] {
        records.indices.reversed().compactMap { index in
            guard let record = records[index], record.state != .ended else { return nil }
            return LuaTaskID(raw: UInt32(index))
        }
    }

    // MARK: Ends

    private enum Outcome {
        case finished, cancelled
        case failed(ScriptFailure)
    }

    private mutating func end(_ id: LuaTaskID, _ outcome: Outcome) {
        if case .waiting = self[id].state { leaveWait(id) }
        for child in self[id].children {
            self[child].parent = nil
            cancel(child)
        }
        self[id].children = []
        self[id].state = .ended
        let isJoined = tellJoiners(of: id)
        let isGathered = tellGatherers(of: id)
        ungather(id)
        leaveParent(id, outcome, joined: isGathered || isJoined)
        if id == main {
            isOver = true
            switch outcome {
            case .finished: enqueue(.end(.finished))
            case .cancelled: enqueue(.end(.cancelled))
            case .failed(let failure): enqueue(.end(.failed(failure)))
            }
        }
        releaseIfDone(id)
    }

    private mutating func leaveParent(_ id: LuaTaskID, _ outcome: Outcome, joined: Bool) {
        guard let parent = self[id].parent else { return }
        let index = self[id].indexInParent
        let last = self[parent].children.removeLast()
        if last != id {
            self[parent].children[Int(index)] = last
            self[last].indexInParent = index
        }
        if case .failed(let failure) = outcome, !joined {
            // The first is told; of many it is enough to know that they failed.
            let isOneOfMany = self[parent].unhandled.count >= 8
            self[parent].unhandled.add(id, isOneOfMany ? failure.shortened : failure)
        }
        switch self[parent].state {
        case .finishing where !self[parent].unhandled.isEmpty, .waiting where !self[parent].unhandled.isEmpty:
            failForChild(parent)
        case .finishing where self[parent].children.isEmpty:
            end(parent, .finished)
        default: break  // told at its next wait, unless it joins the child before
        }
    }

    private mutating func failForChild(_ parent: LuaTaskID) {
        guard let failure = self[parent].unhandled.first else { return }
        killTree(parent, because: failure)
        end(parent, .failed(failure))
    }

    /// Children first, so that what they hold is closed before what they were given.
    private mutating func killTree(_ id: LuaTaskID, because failure: ScriptFailure? = nil) {
        for child in self[id].children {
            self[child].parent = nil
            cancel(child)
        }
        self[id].children = []
        let targets = joinTargets(of: id)
        if case .joining(let generation, _, let any) = self[id].state {
            self[id].state = .joining(generation: generation, [], any: any)
        }
        for target in targets { leaveJoin(id, of: target) }
        enqueue(.kill(id, because: failure))
    }

    private func joinTargets(of id: LuaTaskID) -> [LuaTaskID] {
        if case .joining(_, let targets, _) = record(id)?.state { targets } else { [] }
    }
}
