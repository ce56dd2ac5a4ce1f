// What a script's own process may say at this moment: a pure value that believes nothing.
// It knows which tasks there are and which of them runs, so that a number that was made up reaches nobody.

/// Judges what the child says about its tasks and operations.
struct ChildBook {
    /// Why something that the child said cannot be true.
    struct Lie: Error, Equatable {
        var what: String
    }

    enum Turn: Equatable {
        /// Before a script is there, or while one is loaded.
        case none
        case resuming(UInt32)
        case killing(UInt32)
    }

    private enum Task: Equatable {
        case ready, ended
        case waiting(generation: UInt32)
    }

    private struct Record {
        var task: Task
        var origin: String
        var isCollected = false
    }

    /// More tasks than fit into the memory that the script is given.
    private let mostTasks: Int

    init(mostTasks: Int) { self.mostTasks = mostTasks }

    private(set) var turn = Turn.none
    private var records: [UInt32: Record] = [:]
    private var operations: [UInt32: (waits: Bool, tells: Bool)] = [:]
    /// The script's own task: its handlers run when another one ends the script and has all closed.
    private var main: UInt32?
    private var lastGeneration: UInt32 = 0

    mutating func define(_ operation: LuaOperation) {
        operations[operation.number] = (operation.waits, operation.tells)
    }

    func origin(of task: LuaTaskID) -> String { records[task.raw]?.origin ?? "" }

    // MARK: What the parent does

    /// Whether the task waits with this generation; generation 0 is a task that has not started.
    func canResume(_ task: LuaTaskID, generation: UInt32) -> Bool {
        switch records[task.raw]?.task {
        case .ready: generation == 0
        case .waiting(let current): generation == current
        default: false
        }
    }

    func canKill(_ task: LuaTaskID) -> Bool { records[task.raw] != nil }

    mutating func begin(_ turn: Turn) { self.turn = turn }

    mutating func release(_ task: LuaTaskID) { records[task.raw] = nil }

    // MARK: What the child says

    mutating func spawned(_ task: UInt32, by parent: UInt32, at origin: String) throws(Lie) {
        guard turn == .resuming(parent) else { throw Lie(what: "a task that does not run spawned one") }
        guard task != 0, records[task] == nil else { throw Lie(what: "a new task has the number of another one") }
        guard records.count < mostTasks else { throw Lie(what: "there are too many tasks") }
        records[task] = Record(task: .ready, origin: origin)
    }

    mutating func collected(_ task: UInt32) throws(Lie) {
        guard records[task]?.isCollected == false else { throw Lie(what: "a task was collected that is not there") }
        records[task]?.isCollected = true
    }

    /// A call that does not suspend its task.
    func called(_ operation: UInt32, by task: UInt32, tells: Bool) throws(Lie) {
        guard let known = operations[operation], !known.waits, known.tells == tells else {
            throw Lie(what: "it asked for operation \(operation), which is no such call")
        }
        switch turn {
        case .none: guard task == 0 else { throw Lie(what: "a task that does not run called the host") }
        case .resuming(let running), .killing(let running):
            // Finalizers tell what was collected, whichever task runs, or none.
            guard task == running || task == main || (task == 0 && tells) else {
                throw Lie(what: "a task that does not run called the host")
            }
        }
    }

    mutating func loaded(_ task: UInt32) throws(Lie) {
        guard task != 0, records[task] == nil else {
            throw Lie(what: "the script's task has the number of another one")
        }
        records[task] = Record(task: .ready, origin: "")
        if main == nil { main = task }
    }

    mutating func waits(_ task: LuaTaskID, operation: UInt32, generation: UInt32) throws(Lie) {
        guard operations[operation]?.waits == true else {
            throw Lie(what: "it waits for operation \(operation), which is no such call")
        }
        guard generation > lastGeneration else { throw Lie(what: "a wait has the number of an earlier one") }
        lastGeneration = generation
        records[task.raw]?.task = .waiting(generation: generation)
        turn = .none
    }

    mutating func ended(_ task: LuaTaskID) {
        records[task.raw]?.task = .ended
        turn = .none
    }
}
