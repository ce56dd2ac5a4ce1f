// secret(name): values that a script can pass on and never see.

import LuaRuntime

extension ScriptHost {
    func startSecret(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        soon { waiter.returns { $0.null() } }
        return nil
    }
}
