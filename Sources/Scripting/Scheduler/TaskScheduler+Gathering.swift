// Tasks whose ends another one takes one by one, in the order in which they come: what task.all, task.any and task.map
// wait for. Each end costs the same, however many tasks there are.

import LuaRuntime

/// What one task gathers.
struct Gathering {
    /// Tells it from others of the same task.
    var number: Int
    var targets: [LuaTaskID]
    /// Places, from 1, of those that have ended, and how many of them were taken.
    var ended: [Int] = []
    var taken = 0
    var isWaitedFor = false
}

extension TaskScheduler {
    /// Begins to gather; whatever the task gathered before is forgotten.
    mutating func gather(_ id: LuaTaskID, _ targets: [LuaTaskID]) {
        ungather(id)
        gatherings += 1
        var gathering = Gathering(number: gatherings, targets: targets)
        for (index, target) in targets.enumerated() {
            if let state = record(target)?.state, state != .ended {
                self[target].gatherers.append((id, gatherings, index + 1))
            } else {
                if record(target) != nil { handle(target) }
                gathering.ended.append(index + 1)
            }
        }
        self[id].gathering = gathering
    }

    /// The task waits for the next one of those that it gathers.
    mutating func joinsNext(_ id: LuaTaskID, generation: UInt32) {
        self[id].state = .joining(generation: generation, [], any: true)
        if self[id].isCancelRequested { return cancel(id) }
        self[id].gathering?.isWaitedFor = true
        deliverNext(id)
    }

    /// A task has ended. Gives whether anybody gathers it, and so deals with its failure.
    mutating func tellGatherers(of id: LuaTaskID) -> Bool {
        let gatherers = self[id].gatherers
        self[id].gatherers = []
        for gatherer in gatherers {
            self[gatherer.task].gathering?.ended.append(gatherer.place)
            deliverNext(gatherer.task)
        }
        return !gatherers.isEmpty
    }

    /// Forgets what the task gathers.
    mutating func ungather(_ id: LuaTaskID) {
        guard let gathering = self[id].gathering else { return }
        self[id].gathering = nil
        guard gathering.ended.count < gathering.targets.count else { return }
        for target in gathering.targets where record(target)?.gatherers.isEmpty == false {
            self[target].gatherers.removeAll { $0.task == id && $0.number == gathering.number }
        }
    }

    private mutating func deliverNext(_ id: LuaTaskID) {
        guard let gathering = self[id].gathering, gathering.isWaitedFor, gathering.taken < gathering.ended.count,
            case .joining(let generation, _, any: true) = self[id].state
        else { return }
        self[id].gathering?.isWaitedFor = false
        self[id].gathering?.taken += 1
        enqueue(.deliverIndex(to: id, generation: generation, index: gathering.ended[gathering.taken]))
        if gathering.taken + 1 == gathering.targets.count { self[id].gathering = nil }
    }
}
