// The start of one child: its file descriptors, its folder, default signals and a process group of its own.

import Foundation
import Glibc
import TestSupport

/// Collects what a child starts with, and starts it.
final class Spawning {
    private var actions = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()
    /// The child's ends, which this process closes once the child has them.
    private var childEnds: [Int32] = []
    /// One start at a time: another child must not inherit a pipe that is not yet marked close-on-exec.
    /// Whoever writes a file that is to be executed takes it, too.
    static let turn = TemporaryFolder.turn
    private static let setLock: UInt = 0x4004_5431  // TIOCSPTLCK
    private static let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID
    private static let getNumber: UInt = 0x8004_5430  // TIOCGPTN

    init() {
        Self.turn.lock()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        var all = sigset_t(), none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
    }

    /// Standard input is empty.
    func openNothing() -> Int32? {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        return nil
    }

    /// Standard input is a pipe; gives the end to write to.
    func pipeIn() throws -> Int32? {
        let (reading, writing) = try pipe()
        childEnds.append(reading)
        posix_spawn_file_actions_adddup2(&actions, reading, STDIN_FILENO)
        return writing
    }

    /// An output stream; gives the end to read from, if there is one.
    func stream(_ stream: ChildProcess.Stream, as target: Int32) throws -> Int32? {
        switch stream {
        case .pipe:
            let (reading, writing) = try pipe()
            childEnds.append(writing)
            posix_spawn_file_actions_adddup2(&actions, writing, target)
            return reading
        case .closed:
            // Closing a descriptor that is not open would fail.
            posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_addclose(&actions, target)
            return nil
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, target, path, O_WRONLY, 0)
            return nil
        case .terminal:
            // As posix_openpt, unlockpt and ptsname do, which Swift's Glibc does not show.
            let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            var number: Int32 = 0, unlocked: Int32 = 0
            guard master >= 0, ioctl(master, Self.setLock, &unlocked) == 0, ioctl(master, Self.getNumber, &number) == 0
            else {
                throw ChildProcessFailure(description: "no pseudo-terminal: \(String(cString: strerror(errno)))")
            }
            posix_spawn_file_actions_addopen(&actions, target, "/dev/pts/\(number)", O_RDWR | O_NOCTTY, 0)
            return master
        }
    }

    /// All streams are a pseudo-terminal, which is the child's own: Ctrl-C there is a signal. Gives the other end.
    func terminal() throws -> Int32 {
        guard let master = try stream(.terminal, as: STDERR_FILENO) else { return -1 }
        var number: Int32 = 0
        _ = ioctl(master, Self.getNumber, &number)
        // The first that a session's leader opens becomes the session's.
        for target in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, target, "/dev/pts/\(number)", O_RDWR, 0)
        }
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | Self.newSession))
        return master
    }

    func spawn(_ executable: String, _ arguments: [String], _ environment: [String: String], in directory: String)
        throws -> pid_t
    {
        // `env -C` changes the folder and becomes the program, under the same process number.
        let argv = (["env", "-C", directory, executable] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var identifier: pid_t = 0
        let code = posix_spawn(&identifier, "/usr/bin/env", &actions, &attributes, argv, envp)
        guard code == 0 else {
            throw ChildProcessFailure(
                description: "\(executable) could not be started: \(String(cString: strerror(code)))")
        }
        return identifier
    }

    func release() {
        for end in childEnds { close(end) }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        Self.turn.unlock()
    }

    private func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw ChildProcessFailure(description: "no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
