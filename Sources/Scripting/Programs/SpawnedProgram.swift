// One process: started with nothing of ours but what it is given, in a process group of its own.

import CSpawn
import Glibc
import Synchronization

/// A running program. Any thread may stop it; one thread follows it to its end.
final class SpawnedProgram: Sendable {
    let process: pid_t
    /// Read ends, not blocking.
    let output: Int32
    let errors: Int32
    private let state = Mutex(State())

    private struct State {
        var isStopped = false
        /// Once it is reaped its number may belong to somebody else.
        var isReaped = false
    }

    private init(_ process: pid_t, output: Int32, errors: Int32) {
        self.process = process
        self.output = output
        self.errors = errors
    }

    deinit {
        close(output)
        close(errors)
    }

    /// Whether somebody has asked for its end.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Asks the program and its children to end, or ends them.
    func stop(_ signal: Int32 = SIGTERM) {
        state.withLock { state in
            state.isStopped = true
            if !state.isReaped { kill(-process, signal) }
        }
    }

    /// Whether it has ended; it stays unreaped, so that its number stays its own.
    var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) != 0
            || information.si_signo != 0
    }

    /// Takes its end in. Only after `hasEnded`. When it was stopped, what is left of its group goes as well.
    func reap() -> (status: Int32?, signal: Int32?) {
        state.withLock { state in
            if state.isStopped { kill(-process, SIGKILL) }
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            state.isReaped = true
            let signal = status & 0x7F
            return signal == 0 ? ((status >> 8) & 0xFF, nil) : (nil, signal)
        }
    }

    // MARK: Starting

    /// Starts a program.
    static func start(_ call: ProgramCall) throws(ProgramFailure) -> SpawnedProgram {
        let input = try inputFile(call.input)
        defer { close(input) }
        let output = try pipe()
        let errors: (read: Int32, write: Int32)
        do throws(ProgramFailure) { errors = try pipe() } catch {
            close(output.read)
            close(output.write)
            throw error
        }
        defer {
            close(output.write)
            close(errors.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output.write, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
        if let directory = call.directory { cspawn_in_directory(&actions, directory) }
        cspawn_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var process: pid_t = 0
        let code = withStrings(call.arguments) { arguments in
            withStrings(call.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&process, call.path, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            close(output.read)
            close(errors.read)
            throw failed("\(ShownText.short(call.path)) could not be started", code)
        }
        return SpawnedProgram(process, output: output.read, errors: errors.read)
    }

    private static func failed(_ what: String, _ code: Int32) -> ProgramFailure {
        ProgramFailure(code: "start_failed", message: "\(what): \(String(cString: strerror(code)))")
    }

    /// Standard input as a file without a name: a program that does not read it blocks nobody.
    private static func inputFile(_ bytes: [UInt8]) throws(ProgramFailure) -> Int32 {
        guard !bytes.isEmpty else {
            let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard null >= 0 else { throw failed("/dev/null cannot be opened", errno) }
            return null
        }
        var template = Array("/tmp/paylink-input-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw failed("no temporary file for the input", errno) }
        unlink(template)
        _ = fcntl(file, F_SETFD, FD_CLOEXEC)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(file, $0.baseAddress.map { $0 + written }, $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(file)
                throw failed("the input could not be written to a temporary file", code)
            }
            written += count
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private static func pipe() throws(ProgramFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw failed("no pipe for the output", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    private static func withStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        // Safe because: it holds at least the nil at its end.
        return pointers.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}
