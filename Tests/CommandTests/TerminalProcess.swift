// A child before a terminal of its own: somebody types, and looks at what is there. It ends by itself, or with the test.

import Foundation
import Glibc

final class TerminalProcess: Sendable {
    let identifier: pid_t
    private let master: Int32
    private let screen: Screen

    init(
        _ executable: String, _ arguments: [String], environment: [String: String], directory: String = "/"
    ) throws {
        let spawning = Spawning()
        defer { spawning.release() }
        master = try spawning.terminal()
        identifier = try spawning.spawn(
            executable, arguments, ["TERM": "xterm", "LANG": "C.UTF-8"].merging(environment) { $1 }, in: directory)
        screen = Screen()
        let (screen, identifier) = (screen, identifier)
        // A descriptor of its own: the number of one that is closed elsewhere may be another terminal's by the next read.
        let reading = fcntl(master, F_DUPFD_CLOEXEC, 3)
        Thread.detachNewThread {
            var bytes = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(reading, &bytes, bytes.count)
                if count < 0, errno == EINTR { continue }
                // When the child's end is closed, that is EIO.
                guard count > 0 else {
                    screen.endReading(count < 0 ? String(cString: strerror(errno)) : "nothing more comes")
                    break
                }
                screen.add(bytes[..<count])
            }
            close(reading)
        }
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
            screen.end(status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F))
        }
    }

    deinit {
        if !screen.hasEnded { Glibc.kill(identifier, SIGKILL) }
        close(master)
    }

    /// Types, and presses nothing at the end.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    /// Types a line, and waits for what it shows.
    func enter(_ line: String, shows text: String) async throws {
        type(line + "\r")
        try await shows(text)
    }

    /// Waits until the text is there, behind what was waited for before.
    func shows(_ text: String) async throws { try await screen.wait { $0.takes(text) ? () : nil } }

    /// All that it has shown, without the sequences that move about.
    var text: String { screen.text }

    /// Waits until it has ended. A signal's number is below zero.
    func finish() async throws -> Int32 { try await screen.wait { $0.status } }

    /// Waits until it is stopped, as by Ctrl-Z.
    func isStopped() async throws {
        let path = "/proc/\(identifier)/stat"
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            if text.split(separator: ")").last?.split(separator: " ").first == "T" { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw ChildProcessFailure(description: "not stopped")
    }

    func send(_ signal: Int32) { Glibc.kill(identifier, signal) }

    /// Whether the terminal takes lines and shows what is typed, as a shell expects to find it.
    var isAsBefore: Bool {
        var modes = termios()
        guard tcgetattr(master, &modes) == 0 else { return false }
        let wanted = tcflag_t(ICANON | ECHO | ISIG)
        return modes.c_lflag & wanted == wanted && modes.c_oflag & tcflag_t(OPOST) != 0
    }
}

/// What a terminal was sent, without the sequences that move about.
private final class Screen: @unchecked Sendable {
    // Safe because: `state` is read and written only while `condition` is held.
    struct State {
        var bytes: [UInt8] = []
        var seen = 0
        var status: Int32?
        /// Why nothing more is read.
        var unread: String?

        var text: String {
            String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
                .replacing(/\u{1B}\[[0-9;?]*[A-Za-z]/, with: "")
        }

        mutating func takes(_ wanted: String) -> Bool {
            let text = text
            let rest = text.unicodeScalars.dropFirst(seen)
            guard let range = String(rest).range(of: wanted) else { return false }
            seen += String(rest)[..<range.upperBound].unicodeScalars.count
            return true
        }
    }

    private let condition = NSCondition()
    private var state = State()

    var hasEnded: Bool { change { $0.status != nil } }

    var text: String { change { $0.text } }

    func add(_ bytes: ArraySlice<UInt8>) { change { $0.bytes += bytes } }

    func end(_ status: Int32) { change { $0.status = status } }

    func endReading(_ reason: String) { change { $0.unread = reason } }

    private func change<Value>(_ body: (inout State) -> Value) -> Value {
        condition.withLock {
            defer { condition.broadcast() }
            return body(&state)
        }
    }

    func wait<Value: Sendable>(_ result: @escaping @Sendable (inout State) -> Value?) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { [self] in continuation.resume(with: Result { try block(result) }) }
        }
    }

    private func block<Value>(_ result: (inout State) -> Value?) throws -> Value {
        let end = Date(timeIntervalSinceNow: 120)
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let value = result(&state) { return value }
            guard condition.wait(until: end) else {
                let ended = state.status.map { "ended with \($0)" } ?? "runs"
                let reading = state.unread ?? "is read"
                throw ChildProcessFailure(
                    description: "not seen; the program \(ended), its terminal \(reading); there is:\n\(state.text)")
            }
        }
    }
}
