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

/// Who gathers a task's end: which of its gatherings, and the place in that one's list.
struct Gatherer {
    var task: LuaTaskID
    var number: Int
    var place: Int
}

extension TaskScheduler {
    /// Begins to gather; whatever the task gathered before is forgotten.
    mutating func gather(_ id: LuaTaskID, _ targets: [LuaTaskID]) {
        ungather(id)
        gatherings += 1
        var gathering = Gathering(number: gatherings, targets: targets)
        for (index, target) in targets.enumerated() {
            if let state = record(target)?.state, state != .ended {
                self[target].gatherers.add(Gatherer(task: id, number: gatherings, place: index + 1))
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
        let gatherers = self[id].gatherers.entries
        self[id].gatherers = TaskQueue()
        var isGathered = false
        for gatherer in gatherers where gathers(gatherer) {
            isGathered = true
            self[gatherer.task].gathering?.ended.append(gatherer.place)
            deliverNext(gatherer.task)
        }
        return isGathered
    }

    /// Forgets what the task gathers.
    mutating func ungather(_ id: LuaTaskID) {
        guard let gathering = self[id].gathering else { return }
        self[id].gathering = nil
        guard gathering.ended.count < gathering.targets.count else { return }
        for target in gathering.targets {
            guard var gatherers = record(target)?.gatherers, !gatherers.entries.isEmpty else { continue }
            self[target].gatherers = TaskQueue()
            gatherers.leave(gathers)
            self[target].gatherers = gatherers
        }
    }

    private func gathers(_ gatherer: Gatherer) -> Bool {
        record(gatherer.task)?.gathering?.number == gatherer.number
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
