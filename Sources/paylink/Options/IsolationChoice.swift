// Where a script's Lua lives, as flags and settings say it.

import Advice
import ArgumentParser
import Console
import LuaRuntime
import Scripting

/// `--isolation`, and `run.isolation` of the settings.
enum IsolationChoice: String, CaseIterable, ExpressibleByArgument {
    /// In a process of its own behind a system call filter, or not at all.
    case process
    /// In a process of its own, with as much of the wall as the system gives.
    case half
    /// In this process.
    case none

    /// What it means for one script.
    /// - Parameter processorTime: what the script may compute in all, if that is bounded.
    func isolation(isUntrusted: Bool, processorTime: Duration?, name: String) -> LuaIsolation {
        guard self != .none else {
            if isUntrusted {
                Terminal.message(
                    "\(ShownText.line(name)) is not trusted and runs in this process all the same, as --isolation none says: "
                        + "there is no second wall around it")
            }
            return .none
        }
        var options = ScriptProcessOptions(
            hasFiles: !isUntrusted, acceptsHalfAWall: self == .half, processorTime: processorTime)
        options.words = .commands
        options.report = { wall in
            guard !wall.hasFilter else { return }
            Terminal.message(
                "\(ShownText.line(name)) runs behind half a wall: in a process of its own, but without a system call "
                    + "filter, which this system does not give")
        }
        return .process(options)
    }
}
