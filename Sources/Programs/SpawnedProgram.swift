// One process: started with nothing of ours but what it is given, in a process group of its own.

import CPosix
import Glibc
import Synchronization

/// A running program. Any thread may stop it; one thread follows it to its end.
package final class SpawnedProgram: Sendable {
    private let process: pid_t
    private let hasOwnGroup: Bool
    /// The file that is its standard input: how far it has read shows in its position. -1: it is the caller's own.
    private let input: Int32
    private let inputSize: Int
    /// Read ends, not blocking; `errors` is -1 when the program's go where the caller's go.
    let output: Int32
    let errors: Int32
    private let state = Mutex(State())

    private struct State {
        var isStopped = false
        /// Once it is reaped its number may belong to somebody else.
        var isReaped = false
    }

    private init(_ process: pid_t, _ ends: Ends, _ call: ProgramCall) {
        self.process = process
        hasOwnGroup = call.hasOwnGroup
        input = ends.input
        if case .bytes(let bytes) = call.input { inputSize = bytes.count } else { inputSize = 0 }
        output = ends.output
        errors = ends.errors
    }

    deinit { for file in [input, output, errors] where file >= 0 { close(file) } }

    /// Whether somebody has asked for its end.
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Asks the program to end, with its children when it has a group of its own. Whoever follows it ends it for good
    /// when it does not.
    package func stop() { stop(SIGTERM) }

    func stop(_ signal: Int32) {
        state.withLock { state in
            state.isStopped = true
            if !state.isReaped { kill(hasOwnGroup ? -process : process, signal) }
        }
    }

    /// Whether it has ended; it stays unreaped, so that its number stays its own.
    var hasEnded: Bool {
        var information = siginfo_t()
        return waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) != 0
            || information.si_signo != 0
    }

    /// Whether it has read its input to the end.
    var tookAllInput: Bool { inputSize == 0 || lseek(input, 0, SEEK_CUR) >= inputSize }

    /// Takes its end in. Only after `hasEnded`. When it was stopped, what is left of its group goes as well.
    func reap() -> ProgramResult.End {
        state.withLock { state in
            if state.isStopped, hasOwnGroup { kill(-process, SIGKILL) }
            defer { state.isReaped = true }
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 {
                // Somebody else has taken its status, so nobody knows how it ended: no success.
                if errno != EINTR { return .signal(SIGKILL) }
            }
            let signal = status & 0x7F
            return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
        }
    }

    // MARK: Starting

    /// This process's ends; -1 stands for none.
    private struct Ends {
        var input: Int32 = -1, output: Int32 = -1, errors: Int32 = -1
    }

    /// Starts a program.
    /// - Throws: ``ProgramFailure`` with `startFailed`.
    package static func start(_ call: ProgramCall) throws(ProgramFailure) -> SpawnedProgram {
        var ends = Ends()
        var theirs: [Int32] = []
        var isStarted = false
        defer {
            for file in theirs { close(file) }
            if !isStarted { for file in [ends.input, ends.output, ends.errors] where file >= 0 { close(file) } }
        }
        if case .bytes(let bytes) = call.input { ends.input = try inputFile(bytes) }
        let output = try pipe()
        ends.output = output.read
        theirs.append(output.write)
        if call.keptErrors != nil {
            let errors = try pipe()
            ends.errors = errors.read
            theirs.append(errors.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if ends.input >= 0 { posix_spawn_file_actions_adddup2(&actions, ends.input, STDIN_FILENO) }
        for (file, target) in zip(theirs, [STDOUT_FILENO, STDERR_FILENO]) {
            posix_spawn_file_actions_adddup2(&actions, file, target)
        }
        if let directory = call.directory { cposix_in_directory(&actions, directory) }
        cposix_close_from(&actions, 3)

        let process = try spawn(call, &actions)
        isStarted = true
        return SpawnedProgram(process, ends, call)
    }

    private static func spawn(
        _ call: ProgramCall, _ actions: inout posix_spawn_file_actions_t
    ) throws(ProgramFailure) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores or blocks is no business of the program.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        if call.hasOwnGroup {
            posix_spawnattr_setpgroup(&attributes, 0)
            flags |= POSIX_SPAWN_SETPGROUP
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        let variables = call.environment?.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let code = withStrings(call.arguments) { arguments in
            withStrings(variables ?? []) { environment in
                // A file that was just written counts as busy while another program, started in that instant, has
                // not yet closed its copy of the writer's descriptor.
                for _ in 0..<50 {
                    let code = posix_spawn(
                        &process, call.path, &actions, &attributes, arguments,
                        variables == nil ? environ : environment)
                    guard code == ETXTBSY else { return code }
                    usleep(10_000)
                }
                return ETXTBSY
            }
        }
        guard code == 0 else { throw failed("could not be started", code) }
        return process
    }

    private static func failed(_ what: String, _ code: Int32) -> ProgramFailure {
        ProgramFailure(code: .startFailed, message: "\(what): \(String(cString: strerror(code)))")
    }

    /// Standard input as a file without a name: a program that does not read it blocks nobody.
    private static func inputFile(_ bytes: [UInt8]) throws(ProgramFailure) -> Int32 {
        let file = bytes.isEmpty ? open("/dev/null", O_RDONLY | O_CLOEXEC) : cposix_memory_file()
        guard file >= 0 else { throw failed("has no file for its input", errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(file)
                throw failed("has no room for its input", code)
            }
            written += count
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    private static func pipe() throws(ProgramFailure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard cposix_pipe(&ends) == 0 else { throw failed("has no pipe for its output", errno) }
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
