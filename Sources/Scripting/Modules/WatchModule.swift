// paylink.on and the events of `paylink watch`.

import LuaRuntime

extension ScriptHost {
    func answerFollowUp(_ arguments: inout LuaReader, _ reply: LuaWriter) {}

    func startWatchNext(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        soon { waiter.returns { $0.null() } }
        return nil
    }
}
