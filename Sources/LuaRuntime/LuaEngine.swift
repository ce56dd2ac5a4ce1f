// Where a Lua state lives: in this process, or in one of its own.

import CLuaHost

/// The whole of what a ``LuaState`` needs of the place where its Lua is.
protocol LuaEngine: AnyObject {
    var stopper: LuaStopper { get }
    /// The buffer in which the next resume's values are written, emptied.
    var reply: UnsafeMutablePointer<lh_buffer> { get }

    func define(_ operation: LuaOperation) throws(ScriptFailure)
    /// What an operation will answer for as long as the script runs.
    func keep(_ constant: LuaConstant)
    func runPrelude(_ source: [UInt8], chunk: String) throws(ScriptFailure)
    func load(_ source: [UInt8], chunk: String, arguments: [UInt8]) throws(ScriptFailure) -> LuaTaskID
    func resume(_ task: LuaTaskID, generation: UInt32, mode: lh_resume_mode, from: UInt32) -> LuaOutcome
    func kill(_ task: LuaTaskID, code: String, message: String)
    func rest()
    func release(_ task: LuaTaskID)
    func origin(of task: LuaTaskID) -> String
    func flushFiles() -> Int32?
    func charge(_ bytes: Int) -> Bool
    func uncharge(_ bytes: Int)
    func tellStuck(after grace: Duration, _ tell: @escaping @Sendable (LuaStop) -> Void)
    var stopped: LuaStop? { get }
    /// Why there is no Lua state any more, when it was lost.
    var lost: ScriptFailure? { get }
    /// How often the script waited for another process.
    var crossings: Int { get }
    var memory: (used: Int, peak: Int) { get }
    var allocations: Int { get }
    func countLines()
    var lineCounts: [LineCounts] { get }
}

extension LuaEngine {
    /// Nobody looks into a script's own process.
    func countLines() {}
    var lineCounts: [LineCounts] { [] }
}

/// How often lines have begun in functions of a file.
package struct LineCounts: Sendable, Hashable {
    /// As the script's chunk is called.
    package var file: String
    /// The line on which the functions are defined; 0 for the file's own chunk.
    package var function: Int
    /// A place for each line of the file from the first; lines beyond have not begun.
    package var counts: [UInt32]
}

/// A function of the host as the prelude sees it: `host.<name>`.
package struct LuaOperation {
    package var number: UInt32
    package var name: String
    /// Its name in messages.
    package var shown: String
    /// Whether it suspends the task that calls it.
    package var waits: Bool
    /// Whether nothing comes back: such a call need not be waited for.
    package var tells: Bool

    package init(number: UInt32, name: String, shown: String, waits: Bool, tells: Bool = false) {
        self.number = number
        self.name = name
        self.shown = shown
        self.waits = waits
        self.tells = tells
    }
}

/// A call whose answer does not change during a run.
package struct LuaConstant {
    var operation: UInt32
    var arguments: [LuaValue]
    var reply: (LuaWriter) -> Void

    package init(operation: UInt32, arguments: [LuaValue] = [], reply: @escaping (LuaWriter) -> Void) {
        self.operation = operation
        self.arguments = arguments
        self.reply = reply
    }
}

/// Where a script's Lua state lives.
public enum LuaIsolation: Sendable, Equatable {
    /// In this process.
    case none
    /// In a process of its own. Without a system call filter it is refused, unless half a wall is enough.
    case process(ScriptProcessOptions)
}
