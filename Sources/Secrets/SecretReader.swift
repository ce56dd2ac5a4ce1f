// Reads secrets from where they are kept: a private file, the service manager's credentials, a command, a variable.

import Files
import Glibc
import Programs

/// Why a secret cannot be had. Never any of it, and no output of a command.
package struct SecretFailure: Error, Sendable, Hashable {
    /// Stable names, as scripts see them.
    package enum Code: String, Sendable {
        case notFound = "not_found", looseMode = "loose_mode", commandFailed = "command_failed", unreadable
    }

    package var code: Code
    /// What is wrong, where, and what to do.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The four places of a secret.
package struct SecretReader: Sendable {
    /// The largest secret, in bytes.
    static let maximumSize = 64 << 10

    private let environment: @Sendable (String) -> String?
    /// How long a command may take.
    let commandLimit: Duration

    /// - Parameter environment: a variable's value; `nil` when it is not set or empty.
    package init(
        commandLimit: Duration = .seconds(10), environment: @escaping @Sendable (String) -> String?
    ) {
        self.environment = environment
        self.commandLimit = commandLimit
    }

    /// The secret, without the line break at its end.
    /// - Throws: ``SecretFailure``. May block for as long as a command takes.
    package func read(_ place: SecretPlace) throws(SecretFailure) -> String {
        switch place {
        case .file(let path): return try read(path, isCredential: false)
        case .credential(let name):
            guard let text = try credential(name) else {
                throw SecretFailure(
                    .notFound, "the credential \(name) is not in $CREDENTIALS_DIRECTORY, or that is not set")
            }
            return text
        case .environment(let name):
            guard let text = environment(name) else {
                throw SecretFailure(.notFound, "the environment variable \(name) is not set or empty")
            }
            return text
        case .command(let words):
            return try Self.text(try output(of: words), of: "the command \(words.first ?? "")")
        }
    }

    /// The credential that the service manager gave under this name; `nil` when it gave none.
    package func credential(_ name: String) throws(SecretFailure) -> String? {
        guard SecretPlace.isName(name) else {
            throw SecretFailure(.unreadable, "\"\(name)\" is no name of a credential: letters, digits, _ - and .")
        }
        guard let folder = environment("CREDENTIALS_DIRECTORY") else { return nil }
        do throws(SecretFailure) { return try read(folder + "/" + name, isCredential: true) } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    private func read(_ path: String, isCredential: Bool) throws(SecretFailure) -> String {
        guard !path.utf8.contains(0) else { throw SecretFailure(.unreadable, "a path with a NUL byte") }
        // Without O_NONBLOCK a pipe put in the file's place would block.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            let reason = String(cString: strerror(errno))
            throw SecretFailure(
                errno == ENOENT || errno == ENOTDIR ? .notFound : .unreadable,
                "the secret's file \(path) cannot be read: \(reason)")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SecretFailure(.unreadable, "\(path) is no regular file: a secret's file must be one")
        }
        if let problem = FileTrust(status).secretProblem(user: geteuid(), path: path, isCredential: isCredential) {
            throw SecretFailure(.looseMode, "the secret's file \(path) \(problem)")
        }
        guard let bytes = try? FileBytes.read(file, atMost: Self.maximumSize) else {
            throw SecretFailure(.unreadable, "the secret's file \(path) cannot be read, or is larger than 64 KB")
        }
        return try Self.text(bytes, of: "the secret's file \(path)")
    }

    /// What a command prints: no shell, a time limit, standard input and error are the caller's, and nothing of its
    /// output is in any message.
    private func output(of words: [String]) throws(SecretFailure) -> [UInt8] {
        guard let program = words.first, !program.isEmpty, !words.contains(where: { $0.utf8.contains(0) }) else {
            throw SecretFailure(.commandFailed, "the command for a secret is empty")
        }
        func failure(_ what: String) -> SecretFailure {
            SecretFailure(.commandFailed, "the command \(program), which should print a secret, \(what)")
        }
        guard let path = ProgramPath.find(program, in: environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin") else {
            throw failure("could not be started: there is no such program")
        }
        var call = ProgramCall(
            path: path, arguments: words, environment: nil, timeout: commandLimit, maximumOutput: Self.maximumSize,
            keptErrors: nil)
        call.input = .inherited
        // At a terminal it may ask for a passphrase, which only the terminal's own group can.
        call.hasOwnGroup = !Self.hasTerminal
        let result: ProgramResult
        do throws(ProgramFailure) { result = try SpawnedProgram.run(call) } catch { throw failure(error.message) }
        switch result.end {
        case .status(0): return result.output
        case .status(let status): throw failure("ended with status \(status)")
        case .signal(let signal): throw failure("was ended by signal \(signal)")
        }
    }

    private static var hasTerminal: Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        close(terminal)
        return true
    }

    /// Without the line break at its end.
    static func text(_ bytes: [UInt8], of what: String) throws(SecretFailure) -> String {
        var bytes = bytes[...]
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else { throw SecretFailure(.unreadable, "\(what) gives nothing: the secret is empty") }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw SecretFailure(.unreadable, "\(what) gives something that is no text")
        }
        return text
    }
}
