// How a script's failures read: where they came from.

import Glibc
import LuaRuntime

extension ScriptHost {
    /// A failure of a child task also says where the task was made.
    func located(_ failure: ScriptFailure, _ task: LuaTaskID) -> ScriptFailure {
        let origin = state.origin(of: task)
        guard !origin.isEmpty else { return failure }
        var failure = failure
        failure.traceback += "\n  in a task spawned at \(origin)"
        return failure
    }

    func deadlock(_ tasks: [LuaTaskID]) -> ScriptFailure {
        let names = tasks.map { id in
            let origin = state.origin(of: id)
            return origin.isEmpty ? "the main task" : "the task spawned at \(origin)"
        }
        return ScriptFailure(
            message: "deadlock: every task waits for another one, and nothing else can happen ("
                + names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "") + ")")
    }

    /// What the script wrote into files that it left open goes out now; a failure, unless there is one already.
    func unwrittenFiles(_ result: ScriptResult) -> ScriptFailure? {
        guard let code = state.flushFiles(), case .finished = result else { return nil }
        return ScriptFailure(
            message: "a file that the script left open could not be written: \(String(cString: strerror(code)))",
            code: "file_failed")
    }
}
