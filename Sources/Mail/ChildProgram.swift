// One program with bytes on its standard input: started without a shell, bounded in time and in what it may say.

import Glibc

/// A program that was started. Not shared; `run` is called once.
struct ChildProgram: ~Copyable {
    struct StartFailure: Error { let reason: String }

    struct End: Sendable {
        enum Status: Sendable, Equatable { case exited(Int32), signalled(Int32), timedOut }
        var status: Status
        /// Whether all of the input was taken.
        var tookAll: Bool
        /// The first of what it said on standard output and error.
        var output: String
    }

    private static let outputLimit = 2000
    private static let noSignal = Int32(MSG_NOSIGNAL), noWait = Int32(MSG_DONTWAIT)
    private let process: pid_t
    /// A socket is its input, output and error: writing to one that is closed raises no signal.
    private let socket: Int32

    init(_ path: String, _ arguments: [String]) throws(StartFailure) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw StartFailure(reason: String(cString: strerror(errno)))
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for target in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_adddup2(&actions, ends[1], target)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t(), none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let argv = arguments.map { strdup($0) } + [nil]
        let envp = Self.environment.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var process: pid_t = 0
        let status = posix_spawn(&process, path, &actions, &attributes, argv, envp)
        guard status == 0 else {
            close(ends[0])
            throw StartFailure(reason: String(cString: strerror(status)))
        }
        self.process = process
        socket = ends[0]
    }

    /// Nothing of ours: only what finds programs and the user's own settings.
    private static var environment: [String] {
        let own: [String] = ["HOME", "USER", "LOGNAME"].compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        return ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"] + own
    }

    /// Feeds it and waits for its end.
    consuming func run(_ input: [UInt8], limit: Duration, isCancelled: () -> Bool) -> End {
        defer { close(socket) }
        let deadline = ContinuousClock.now + limit
        var sent = 0
        var output: [UInt8] = []
        var isOpen = true
        if input.isEmpty { shutdown(socket, Int32(SHUT_WR)) }
        while true {
            var status: Int32 = 0
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process {
                drain(&output)
                let signal = status & 0x7F
                return End(
                    status: signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal),
                    tookAll: sent == input.count,
                    output: String(decoding: output, as: UTF8.self))
            }
            if ContinuousClock.now >= deadline || isCancelled() {
                kill(-process, SIGKILL)
                waitpid(process, &status, 0)
                return End(
                    status: .timedOut, tookAll: sent == input.count, output: String(decoding: output, as: UTF8.self))
            }
            let wantsToWrite = isOpen && sent < input.count
            var entry = pollfd(
                fd: isOpen ? socket : -1, events: Int16(POLLIN | (wantsToWrite ? POLLOUT : 0)), revents: 0)
            guard poll(&entry, 1, 20) > 0 else { continue }
            if wantsToWrite, entry.revents & Int16(POLLOUT) != 0 {
                let count = input[sent...].withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Self.noSignal | Self.noWait)
                }
                if count > 0 { sent += count } else if errno != EAGAIN, errno != EINTR { isOpen = false }
                if sent == input.count { shutdown(socket, Int32(SHUT_WR)) }
            }
            if entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !drain(&output) { isOpen = false }
        }
    }

    /// False: there will be no more.
    @discardableResult
    private borrowing func drain(_ output: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &buffer, buffer.count, Self.noWait)
            if count > 0 {
                output += buffer.prefix(min(count, max(0, Self.outputLimit - output.count)))
            } else {
                return count < 0 && (errno == EAGAIN || errno == EINTR)
            }
        }
    }
}
