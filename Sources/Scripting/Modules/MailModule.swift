// mail.send: messages over SMTP or the local sendmail.

import LuaRuntime

extension ScriptHost {
    func startMail(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        soon { waiter.returns { $0.null() } }
        return nil
    }
}
