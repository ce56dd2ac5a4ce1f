// program.run: programs with an argument list, bounded in output and time.

import LuaRuntime

extension ScriptHost {
    func startProgram(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        soon { waiter.returns { $0.null() } }
        return nil
    }
}
