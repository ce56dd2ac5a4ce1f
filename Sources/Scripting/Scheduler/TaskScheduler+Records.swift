// What the scheduler keeps of each task, and how a join is answered.

import LuaRuntime

extension TaskScheduler {
    // MARK: Joins

    mutating func enqueueJoin(_ joiner: LuaTaskID, endedTarget: LuaTaskID) {
        guard case .joining(let generation, _, let any) = self[joiner].state else { return }
        self[joiner].state = .joining(generation: generation, [], any: any)
        enqueue(.deliver(to: joiner, generation: generation, from: endedTarget))
    }

    /// A task has ended. Gives whether anybody joins it, and so deals with its failure.
    mutating func tellJoiners(of id: LuaTaskID) -> Bool {
        let joiners = self[id].joiners.entries
        self[id].joiners = TaskQueue()
        var isJoined = false
        for joiner in joiners where joins(joiner, id) {
            isJoined = true
            if case .joining(_, let targets, _) = self[joiner].state {
                for other in targets where other != id { leaveJoin(joiner, of: other) }
            }
            enqueueJoin(joiner, endedTarget: id)
        }
        return isJoined
    }

    /// The task no longer joins the other one.
    mutating func leaveJoin(_ joiner: LuaTaskID, of target: LuaTaskID) {
        guard var joiners = record(target)?.joiners else { return }
        self[target].joiners = TaskQueue()
        joiners.leave { $0 != joiner && joins($0, target) }
        self[target].joiners = joiners
    }

    private func joins(_ joiner: LuaTaskID, _ target: LuaTaskID) -> Bool {
        if case .joining(_, let targets, _)? = record(joiner)?.state { targets.contains(target) } else { false }
    }

    /// Somebody asked for the outcome of an ended task: its failure is no longer unhandled.
    mutating func handle(_ target: LuaTaskID) {
        guard let parent = self[target].parent, record(parent) != nil else { return }
        self[parent].unhandled.remove(target)
    }

    /// Whether `id`'s end depends on `other`'s. Who waits for the other one comes first: mostly nobody does, and a long
    /// chain of joins need not be walked.
    func reaches(_ id: LuaTaskID, _ other: LuaTaskID) -> Bool {
        guard id != other else { return true }
        let parent = record(other)?.parent.flatMap { record($0)?.state }
        guard let joiners = record(other)?.joiners.entries, !joiners.isEmpty || parent == .finishing else {
            return false
        }
        var visited: Set<LuaTaskID> = []
        var open = [id]
        while let task = open.popLast() {
            if task == other { return true }
            guard visited.insert(task).inserted, let record = record(task) else { continue }
            switch record.state {
            case .joining(_, let targets, any: false): open += targets
            case .finishing: open += record.children
            default: break
            }
        }
        return false
    }

    // MARK: Records

    func record(_ id: LuaTaskID) -> Record? {
        Int(id.raw) < records.count ? records[Int(id.raw)] : nil
    }

    /// Only for tasks that are known to be there.
    subscript(_ id: LuaTaskID) -> Record {
        get { records[Int(id.raw)] ?? Record() }
        _modify {
            if records[Int(id.raw)] == nil { records[Int(id.raw)] = Record(state: .ended, isCollected: true) }
            yield &records[Int(id.raw)]!  // Safe because: filled one line above.
        }
    }

    mutating func insert(_ id: LuaTaskID, parent: LuaTaskID?) {
        while records.count <= Int(id.raw) { records.append(nil) }
        records[Int(id.raw)] = Record(parent: parent)
        guard let parent else { return }
        self[id].depth = self[parent].depth + 1
        self[id].indexInParent = Int32(self[parent].children.count)
        self[parent].children.append(id)
    }

    mutating func releaseIfDone(_ id: LuaTaskID) {
        guard let record = record(id), record.state == .ended, record.isCollected, id != main else { return }
        records[Int(id.raw)] = nil
        enqueue(.release(id))
    }

    mutating func enqueue(_ action: Action) { actions.append(action) }
}

extension ScriptFailure {
    /// The failure in few words: its text may be long.
    var shortened: ScriptFailure { ScriptFailure(message: String(message.prefix(500)), code: code, stop: stop) }
}
