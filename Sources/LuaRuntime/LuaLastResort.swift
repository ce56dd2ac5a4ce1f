// What happens when Lua can neither go on nor raise an error. It should never happen: all that can raise is protected.

import CLuaHost

/// The end of the process when Lua has lost its way: a line on standard error, standard output written out, status 70.
package enum LuaLastResort {
    /// Lets the host write out what it holds back before the process ends. Must not use Lua.
    package static func beforeEnding(_ flush: @escaping @convention(c) () -> Void) {
        var resort = lh_last_resort()
        resort.flush = flush
        lh_set_last_resort(&resort)
    }
}
