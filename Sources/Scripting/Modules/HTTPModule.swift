// http.request: requests of a script over the client's own transport.

import LuaRuntime

extension ScriptHost {
    func startHTTP(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        soon { waiter.returns { $0.null() } }
        return nil
    }
}
