// Who can change a file: whether what it says may be acted upon.

package import Advice
package import Glibc

/// Owner and mode of an open file.
package struct FileTrust: Sendable, Hashable {
    package var owner: UInt32
    package var mode: UInt32

    package init(owner: UInt32, mode: UInt32) {
        self.owner = owner
        self.mode = mode & 0o7777
    }

    package init(_ status: stat) { self.init(owner: status.st_uid, mode: status.st_mode) }

    package var octal: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private func belongs(to user: UInt32) -> Bool { owner == user || owner == 0 }

    /// Why a settings file is not even read; `nil` when only the user and root can change it.
    package func settingsProblem(user: UInt32, _ words: AdviceWords) -> String? {
        let why = "is not read, since somebody else can change it"
        if !belongs(to: user) {
            return "\(why): it belongs to another user (id \(owner)); chown it to yourself, or \(words(.settingsFile))"
        }
        return mode & 0o022 == 0 ? nil : "\(why): others can write it (mode \(octal)); chmod go-w it"
    }

    /// Why a file of a secret is refused; `nil` when nobody else can read it.
    ///
    /// - Parameter isCredential: a file that the service manager made. It gives a service's user the right to read by an
    ///   access list, which shows in the group's bits.
    package func secretProblem(user: UInt32, path: String, isCredential: Bool = false) -> String? {
        if !belongs(to: user) { return "belongs to another user (id \(owner)): chown it to yourself" }
        guard mode & (isCredential ? 0o037 : 0o077) != 0 else { return nil }
        return "has mode \(octal), so that others can reach it: chmod 600 \(path)"
    }
}
