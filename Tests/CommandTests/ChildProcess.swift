// A child process as a user's shell would start it: arguments, a clean environment, standard streams, signals.
// It always ends: by itself, at its time limit, or when the test lets go of it.

import Foundation
import Glibc

/// Why a child could not be started, or did not do in time what was waited for.
struct ChildProcessFailure: Error, CustomStringConvertible {
    var description: String
}

/// What a child wrote, and how it ended.
struct Outcome: Sendable {
    enum Ending: Sendable, Equatable {
        case status(Int32), signal(Int32)
    }

    var output: String
    var errors: String
    var ending: Ending
    var elapsed: Duration
    /// The most that it held at any time, in bytes.
    var peakMemory = 0

    var status: Int32? { if case .status(let status) = ending { status } else { nil } }
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
}

final class ChildProcess: Sendable {
    enum Stream: Sendable {
        case pipe, closed
        case file(String)
        /// A pseudo-terminal, read as a pipe would be.
        case terminal
    }

    let identifier: pid_t
    private let progress: Progress
    private let startedAt = ContinuousClock.now

    /// - Parameter limit: after this long it and its children are killed, and `finish` fails.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        directory: String = "/", output: Stream = .pipe, errors: Stream = .pipe, limit: Duration = .seconds(60)
    ) throws {
        signal(SIGPIPE, SIG_IGN)  // A child that does not read its input must not end the tests.
        let spawning = Spawning()
        defer { spawning.release() }
        let inputEnd = try input == nil ? spawning.openNothing() : spawning.pipeIn()
        let outputEnd = try spawning.stream(output, as: STDOUT_FILENO)
        let errorEnd = try spawning.stream(errors, as: STDERR_FILENO)
        identifier = try spawning.spawn(executable, arguments, environment, in: directory)
        progress = Progress(identifier)
        if let input, let inputEnd {
            Thread.detachNewThread {
                let bytes = Array(input.utf8)
                var sent = 0
                while sent < bytes.count {
                    let count = bytes[sent...].withUnsafeBytes { write(inputEnd, $0.baseAddress, $0.count) }
                    guard count > 0 else { break }
                    sent += count
                }
                close(inputEnd)
            }
        }
        progress.read(outputEnd, appending: { $0.output += $1 })
        progress.read(errorEnd, appending: { $0.errors += $1 })
        progress.reap(limit: limit)
    }

    deinit { progress.kill() }

    /// Sends a signal to the child alone, as `kill` does.
    func send(_ signal: Int32) { progress.send(signal) }

    /// Ends it with its children, at once.
    func kill() { progress.kill() }

    /// The first line of standard output, complete, that `matches`.
    func line(where matches: @escaping @Sendable (String) -> Bool) async throws -> String {
        try await wait { state in
            let text = String(decoding: state.output, as: UTF8.self)
            let complete = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            return complete.map(String.init).first(where: matches)
        }
    }

    /// Returns once the complete lines of standard error satisfy `isEnough`.
    func message(_ isEnough: @escaping @Sendable ([String]) -> Bool) async throws {
        try await wait { state in
            let text = String(decoding: state.errors, as: UTF8.self)
            let complete = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            return isEnough(complete) ? () : nil
        }
    }

    /// Waits for its end, and for all that it wrote.
    func finish() async throws -> Outcome {
        let elapsedFrom = startedAt
        return try await wait { state in
            guard let ending = state.ending, state.openStreams == 0 else { return nil }
            return Outcome(
                output: String(decoding: state.output, as: UTF8.self),
                errors: String(decoding: state.errors, as: UTF8.self),
                ending: ending, elapsed: ContinuousClock.now - elapsedFrom, peakMemory: state.peakMemory)
        }
    }

    private func wait<Value: Sendable>(_ result: @escaping @Sendable (Progress.State) -> Value?) async throws -> Value {
        let progress = progress
        return try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: blocking one of Swift's own would hold other tests up.
            Thread.detachNewThread { continuation.resume(with: Result { try progress.wait(result) }) }
        }
    }
}

/// What is known of a running child. Threads that read its streams and await its end write here.
private final class Progress: @unchecked Sendable {
    // Safe because: `state` is read and written only while `condition` is held.
    struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var openStreams = 0
        var ending: Outcome.Ending?
        var peakMemory = 0
        var isOverdue = false
    }

    private let identifier: pid_t
    private let condition = NSCondition()
    private var state = State()

    init(_ identifier: pid_t) { self.identifier = identifier }

    func read(_ descriptor: Int32?, appending append: @escaping @Sendable (inout State, ArraySlice<UInt8>) -> Void) {
        guard let descriptor else { return }
        change { $0.openStreams += 1 }
        Thread.detachNewThread { [self] in
            var block = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = Glibc.read(descriptor, &block, block.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }  // A terminal whose other side is gone says EIO.
                change { append(&$0, block[..<count]) }
            }
            close(descriptor)
            change { $0.openStreams -= 1 }
        }
    }

    func reap(limit: Duration) {
        Thread.detachNewThread { [self] in
            // Waits without reaping, so that the number stays the child's own while `send` may use it.
            var information = siginfo_t()
            while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            change { state in
                var status: Int32 = 0
                var usage = rusage()
                while wait4(identifier, &status, 0, &usage) < 0, errno == EINTR {}
                state.peakMemory = Int(usage.ru_maxrss) << 10
                state.ending = status & 0x7F == 0 ? .status((status >> 8) & 0xFF) : .signal(status & 0x7F)
            }
        }
        Thread.detachNewThread { [self] in
            let end = Date(timeIntervalSinceNow: limit / .seconds(1))
            condition.lock()
            while state.ending == nil, condition.wait(until: end) {}
            if state.ending == nil {
                state.isOverdue = true
                Glibc.kill(-identifier, SIGKILL)
            }
            condition.unlock()
        }
    }

    func send(_ signal: Int32) { change { if $0.ending == nil { Glibc.kill(identifier, signal) } } }

    func kill() { change { if $0.ending == nil { Glibc.kill(-identifier, SIGKILL) } } }

    func wait<Value>(_ result: (State) -> Value?) throws -> Value {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if state.isOverdue { throw failure("did not end within its time limit and was killed") }
            if let value = result(state) { return value }
            if state.ending != nil, state.openStreams == 0 {
                throw failure("ended (\(state.ending!)) before it did what was awaited")
            }
            condition.wait()
        }
    }

    private func failure(_ what: String) -> ChildProcessFailure {
        let output = String(decoding: state.output, as: UTF8.self),
            errors = String(decoding: state.errors, as: UTF8.self)
        return ChildProcessFailure(description: "the process \(what)\nstdout: \(output)\nstderr: \(errors)")
    }

    private func change(_ body: (inout State) -> Void) {
        condition.lock()
        body(&state)
        condition.broadcast()
        condition.unlock()
    }
}
