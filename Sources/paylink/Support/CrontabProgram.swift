// The user's crontab, through the program `crontab`: read whole, replaced whole.

import Glibc

/// The `crontab` program.
struct CrontabProgram {
    struct Failure: Error {
        var message: String
    }

    private static let advice =
        "install the package cron, or use systemd instead: paylink cron show --systemd prints units"
    private let path: String

    /// Finds it on the PATH; `PAYLINK_CRONTAB` names another one.
    init() throws(Failure) {
        if let named = Environment["PAYLINK_CRONTAB"] {
            guard access(named, X_OK) == 0 else {
                throw Failure(message: "PAYLINK_CRONTAB names no program: \(Console.onOneLine(named))")
            }
            path = named
            return
        }
        for folder in (Environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":") {
            let candidate = "\(folder)/crontab"
            if access(candidate, X_OK) == 0 {
                path = candidate
                return
            }
        }
        throw Failure(message: "there is no program crontab on the PATH; \(Self.advice)")
    }

    /// The crontab's text; empty when there is none.
    func read() throws(Failure) -> [UInt8] {
        let result = try run(["-l"])
        if result.status == 0 { return result.output }
        let text = String(decoding: result.errors, as: UTF8.self)
        if text.contains("no crontab for") { return [] }
        throw failure("cannot read your crontab", result)
    }

    /// Puts a text in its place; an empty one removes it.
    func write(_ text: [UInt8]) throws(Failure) {
        let result = try text.isEmpty ? run(["-r"]) : run(["-"], input: text)
        guard result.status == 0 else { throw failure("your crontab was left as it was", result) }
    }

    private struct Result {
        var status: Int32
        var output: [UInt8]
        var errors: [UInt8]
    }

    private func failure(_ what: String, _ result: Result) -> Failure {
        let said = String(decoding: result.errors, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
        return Failure(
            message: "\(what): \(path) ended with status \(result.status)"
                + (said.isEmpty ? "" : " and said: \(Console.onOneLine(said))"))
    }

    /// Through files rather than pipes: no side can wait for the other.
    private func run(_ arguments: [String], input: [UInt8] = []) throws(Failure) -> Result {
        var files: [Int32] = []
        defer { for file in files { close(file) } }
        for _ in 0..<3 {
            var template = Array("/tmp/paylink-crontab-XXXXXX".utf8CString)
            let file = mkstemp(&template)
            guard file >= 0 else {
                throw Failure(message: "cannot make a file in /tmp: \(String(cString: strerror(errno)))")
            }
            unlink(template)
            _ = fcntl(file, F_SETFD, FD_CLOEXEC)
            files.append(file)
        }
        var sent = 0
        while sent < input.count {
            let count = input[sent...].withUnsafeBytes { Glibc.write(files[0], $0.baseAddress, $0.count) }
            guard count > 0 else {
                throw Failure(message: "cannot write a file in /tmp: \(String(cString: strerror(errno)))")
            }
            sent += count
        }
        lseek(files[0], 0, SEEK_SET)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, file, Int32(number))
        }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let error = posix_spawn(&child, path, &actions, nil, &words, environ)
        guard error == 0 else {
            throw Failure(message: "cannot start \(path): \(String(cString: strerror(error))); \(Self.advice)")
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return Result(status: code, output: Self.content(files[1]), errors: Self.content(files[2]))
    }

    private static func content(_ file: Int32) -> [UInt8] {
        lseek(file, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &block, block.count)
            guard count > 0 else { return bytes }
            bytes += block[..<count]
        }
    }
}
