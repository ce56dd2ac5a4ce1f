// Runs the program that prints a secret: no shell, a time limit, and nothing of its output in any message.

import Glibc

/// A program whose standard output is a secret. Standard error is the caller's.
struct SecretCommand {
    private let words: [String]
    private let limit: Duration

    init(_ words: [String], limit: Duration) {
        self.words = words
        self.limit = limit
    }

    /// What it printed.
    func run() throws(SecretFailure) -> [UInt8] {
        guard let program = words.first, !program.isEmpty, !words.contains(where: { $0.utf8.contains(0) }) else {
            throw SecretFailure(.commandFailed, "the command for a secret is empty")
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw failure(program, "cannot be started: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (child, problem) = spawn(program, output: ends[1])
        close(ends[1])
        guard problem == 0 else { throw failure(program, "cannot be started: \(String(cString: strerror(problem)))") }
        let deadline = ContinuousClock.now + limit
        let output = read(ends[0], until: deadline)
        if output == nil { kill(child, SIGKILL) }
        let status = wait(for: child, until: deadline)
        switch output {
        case .some(let bytes):
            guard status & 0x7F == 0 else { throw failure(program, "was ended by signal \(status & 0x7F)") }
            let code = (status >> 8) & 0xFF
            guard code == 0 else { throw failure(program, "ended with status \(code)") }
            return bytes
        case nil: throw failure(program, "did not end within \(limit.components.seconds) s, or printed too much")
        }
    }

    private func failure(_ program: String, _ what: String) -> SecretFailure {
        SecretFailure(.commandFailed, "the command \(program), which should print a secret, \(what)")
    }

    private func spawn(_ program: String, output: Int32) -> (pid_t, Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores or blocks is no business of the program.
        var all = sigset_t(), none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        let problem = posix_spawnp(&child, program, &actions, &attributes, &arguments, environ)
        return (child, problem)
    }

    /// Its status; one that has closed its output but does not end is killed at the deadline.
    private func wait(for child: pid_t, until deadline: ContinuousClock.Instant) -> Int32 {
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return status }
            // Somebody else has taken its status: then nobody knows how it ended.
            if ended < 0, errno != EINTR { return SIGKILL }
            if ContinuousClock.now > deadline { kill(child, SIGKILL) }
            usleep(2_000)
        }
    }

    /// Everything up to the end of the output; `nil` when that takes too long or is too much.
    private func read(_ file: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let (seconds, attoseconds) = (deadline - .now).components
            let rest = seconds * 1000 + attoseconds / 1_000_000_000_000_000
            guard rest > 0 else { return nil }
            var poll = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let ready = Glibc.poll(&poll, 1, Int32(clamping: rest))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = Glibc.read(file, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= SecretReader.maximumSize else { return nil }
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
    }
}
