// Lists of tasks from which any may be taken away at any time, at a cost that does not grow with their number.

import LuaRuntime

/// Who waits for a task, in the order in which they came. Those who no longer do stay in the list until they are the
/// larger part of it: whoever goes through it asks each entry whether it still counts.
struct TaskQueue<Entry>: HasEmptyForm {
    private(set) var entries: [Entry] = []
    private var left = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ entry: Entry) { entries.append(entry) }

    /// One of the entries counts no longer.
    mutating func leave(_ counts: (Entry) -> Bool) {
        left += 1
        guard entries.count <= 16 || left > entries.count / 2 else { return }
        entries.removeAll { !counts($0) }
        left = 0
    }
}

/// Failures of children that nobody has asked about, in the order in which they came.
struct UnhandledFailures: HasEmptyForm {
    private var failures: [ScriptFailure?] = []
    private var places: [LuaTaskID: Int] = [:]
    private var firstPlace = 0

    var isEmpty: Bool { places.isEmpty }
    var count: Int { places.count }
    var first: ScriptFailure? { firstPlace < failures.count ? failures[firstPlace] : nil }

    mutating func add(_ child: LuaTaskID, _ failure: ScriptFailure) {
        places[child] = failures.count
        failures.append(failure)
    }

    mutating func remove(_ child: LuaTaskID) {
        guard let place = places.removeValue(forKey: child) else { return }
        failures[place] = nil
        guard !places.isEmpty else {
            self = UnhandledFailures()
            return
        }
        while firstPlace < failures.count, failures[firstPlace] == nil { firstPlace += 1 }
    }
}
