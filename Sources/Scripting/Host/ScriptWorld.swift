// What surrounds a script that is tested: its time, other hosts, mail, programs. A script outside of tests has this
// machine and the network around it.

import Glibc
package import HTTPTransport
package import Mail
package import Programs

/// The surroundings of a script, made up. Belongs to the script's event loop, where nothing may block: what would is done
/// in place.
package protocol ScriptWorld: AnyObject, Sendable {
    /// Unix seconds.
    var unixTime: Double { get }
    /// Evenly distributed in 0..<1.
    func random() -> Double
    /// Lua that is run before the script, in the prelude's manner.
    var lua: [LuaFile] { get }
    /// Modules besides the API's.
    func modules(for host: ScriptHost) -> [any ScriptModule]
    /// Carries the requests of `http`.
    var http: any HTTPSender { get }
    func deliver(
        _ mail: MailMessage, via server: String, _ done: @escaping (Result<MailReceipt, MailFailure>) -> Void)
    func run(_ call: ProgramCall, _ done: @escaping (Result<ProgramResult, ProgramFailure>) -> Void)
}

extension ScriptHost {
    /// Unix seconds.
    var unixTime: Double {
        if let world = options.world { return world.unixTime }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }

    /// Evenly distributed in 0..<1.
    func random() -> Double { options.world?.random() ?? Double.random(in: 0..<1) }
}
