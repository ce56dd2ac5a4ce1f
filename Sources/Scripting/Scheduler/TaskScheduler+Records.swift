// What the scheduler keeps of each task, and how a join is answered.

import LuaRuntime

extension TaskScheduler {
    // MARK: Joins

    mutating func enqueueJoin(_ joiner: LuaTaskID, endedTarget: LuaTaskID) {
        guard case .joining(let generation, _, let any) = self[joiner].state else { return }
        self[joiner].state = .joining(generation: generation, [], any: any)
        enqueue(.deliver(to: joiner, generation: generation, from: endedTarget))
    }

    /// Somebody asked for the outcome of an ended task: its failure is no longer unhandled.
    mutating func handle(_ target: LuaTaskID) {
        guard let parent = self[target].parent, record(parent) != nil else { return }
        self[parent].unhandled.removeAll { $0.child == target }
    }

    /// Whether `id`'s end depends on `other`'s.
    func reaches(_ id: LuaTaskID, _ other: LuaTaskID) -> Bool {
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
        self[id].indexInParent = self[parent].children.count
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
