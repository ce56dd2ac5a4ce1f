// Who sits before it, for what is recorded of decisions.

import Glibc

enum Person {
    /// The login name and the machine.
    static var login: String {
        var name = [CChar](repeating: 0, count: 256)
        let isKnown = gethostname(&name, name.count - 1) == 0
        let shown = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let machine = isKnown ? shown : "this machine"
        guard let entry = getpwuid(getuid()), let login = entry.pointee.pw_name else {
            return "user \(getuid())@\(machine)"
        }
        return "\(String(cString: login))@\(machine)"
    }
}
