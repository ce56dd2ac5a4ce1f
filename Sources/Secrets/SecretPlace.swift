// Where secrets are kept.

/// Where a secret is. Never the secret itself.
package enum SecretPlace: Sendable, Hashable, CustomStringConvertible {
    case file(String)
    /// A program and its arguments.
    case command([String])
    /// A file below `$CREDENTIALS_DIRECTORY`.
    case credential(String)
    case environment(String)

    /// For people. Of a command only the program: an argument may say more than is meant to be seen.
    package var description: String {
        switch self {
        case .file(let path): "the file \(path)"
        case .command(let words): "the command \(words.first ?? "")"
        case .credential(let name): "the credential \(name)"
        case .environment(let name): "the environment variable \(name)"
        }
    }

    /// Whether it can name a secret: what a file name and a variable's name allow.
    package static func isName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E
            }
    }
}
