// csv.append: rows added to a file that several processes may share.

import LuaRuntime

extension ScriptHost {
    func startAppend(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        soon { waiter.returns { $0.null() } }
        return nil
    }
}
