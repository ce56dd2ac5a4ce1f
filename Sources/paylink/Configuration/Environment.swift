// The process's environment. What is secret in it is taken out as soon as it is known to be: whoever looks into
// /proc/PID/environ later, or is a program that this one starts, does not see it.

import CPosix
import Glibc
import Synchronization

/// Variables by name. An empty variable counts as one that is not set.
enum Environment {
    /// What was taken out, for this process alone.
    private static let taken = Mutex<[String: String]>([:])

    /// Whether a variable holds a secret, by its name. Settings may name others: `hide`.
    static func isSecret(_ name: String) -> Bool {
        name == "ONESHOT_API_TOKEN" || name == "PGPASSWORD" || name.hasPrefix(secretPrefix)
    }

    /// What stands before the name of a script's secret.
    static let secretPrefix = "PAYLINK_SECRET_"

    /// Takes out what is secret by its name: the first thing that a process does.
    static func hideSecrets() {
        for name in listed where isSecret(name) { hide(name) }
    }

    /// Takes a variable out; this process goes on seeing it. Only while there is one thread.
    static func hide(_ name: String) {
        guard let value = getenv(name) else { return }
        let text = String(cString: value)
        taken.withLock { $0[name] = text }
        cposix_erase_variable(name)
    }

    /// The names that begin so, in order.
    static func names(beginningWith prefix: String) -> [String] {
        let names = Set(listed).union(taken.withLock { Array($0.keys) })
        return names.filter { $0.hasPrefix(prefix) && self[$0] != nil }.sorted()
    }

    static subscript(_ name: String) -> String? {
        if let value = taken.withLock({ $0[name] }) { return value.isEmpty ? nil : value }
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The names in the process's own list.
    private static var listed: [String] {
        var names: [String] = []
        // Safe because: the list ends with a null pointer, and what changes the environment (`hide`, JobZone) does so
        // before there is a second thread.
        var next = environ
        while let entry = next.pointee {
            names.append(String(String(cString: entry).prefix { $0 != "=" }))
            next += 1
        }
        return names
    }
}
