// What a job writes, kept back: standard output and standard error go into a ring in memory until the run has ended.

import Dispatch
import Glibc
import Synchronization

/// The buffer behind standard output, which the script's own library keeps.
package struct OutputBuffer: Sendable {
    /// Writes out what is in it.
    var flush: @Sendable () -> Void
    /// From now on each line is written out as it ends, so that it keeps its place among what goes to standard error.
    var writeByLine: @Sendable () -> Void

    package init(flush: @escaping @Sendable () -> Void, writeByLine: @escaping @Sendable () -> Void) {
        self.flush = flush
        self.writeByLine = writeByLine
    }
}

/// Standard output and error of this process, captured from its making to `end`.
package final class OutputCapture: Sendable {
    /// How much is kept: the end of what was written.
    package static let limit = 64 << 10

    /// The end of what was written.
    package struct Tail: Sendable {
        package var text: String
        /// Bytes before it that were dropped.
        package var dropped: Int
    }

    private struct Ring {
        var bytes: [UInt8] = []
        var dropped = 0

        mutating func append(_ new: ArraySlice<UInt8>) {
            bytes += new
            // Only now and then: what is cut each time is moved each time.
            if bytes.count > 2 * OutputCapture.limit { cut() }
        }

        mutating func cut() {
            guard bytes.count > OutputCapture.limit else { return }
            var surplus = bytes.count - OutputCapture.limit
            if let line = bytes[(surplus - 1)...].firstIndex(of: 0x0A), line + 1 < bytes.count { surplus = line + 1 }
            bytes.removeFirst(surplus)
            dropped += surplus
        }
    }

    private let output: OutputBuffer
    private let ring = Mutex(Ring())
    private let saved: [Int32]
    private let reader: Int32
    private let stop: (read: Int32, write: Int32)
    private let isRead = DispatchSemaphore(value: 0)

    /// `nil` when the system gives no pipe: then everything is shown as it comes.
    package init?(_ output: OutputBuffer) {
        self.output = output
        var data: [Int32] = [-1, -1], signal: [Int32] = [-1, -1]
        guard pipe(&data) == 0 else { return nil }
        guard pipe(&signal) == 0 else {
            for descriptor in data { close(descriptor) }
            return nil
        }
        // No script runs yet, so nobody can start a program in between.
        for descriptor in data + signal { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        output.flush()
        // Copies that no child inherits. One that was closed before is closed again at the end.
        saved = [1, 2].map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
        reader = data[0]
        stop = (signal[0], signal[1])
        for descriptor: Int32 in [1, 2] { dup2(data[1], descriptor) }
        close(data[1])
        output.writeByLine()
        DispatchQueue(label: "paylink.capture").async { self.read() }
    }

    /// Puts the streams back and gives what was written. Once.
    package func end() -> Tail {
        output.flush()
        for (descriptor, copy) in zip([1, 2] as [Int32], saved) {
            if copy >= 0 {
                dup2(copy, descriptor)
                close(copy)
            } else {
                close(descriptor)
            }
        }
        // A program that the script left running may hold the pipe open for ever: what is in it now is all.
        var byte: UInt8 = 0
        write(stop.write, &byte, 1)
        isRead.wait()
        for descriptor in [reader, stop.read, stop.write] { close(descriptor) }
        return ring.withLock { ring in
            ring.cut()
            return Tail(text: String(decoding: ring.bytes, as: UTF8.self), dropped: ring.dropped)
        }
    }

    private func read() {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        var isEnding = false
        while true {
            var waiting = [
                pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waiting, 2, isEnding ? 0 : -1) >= 0 || errno == EINTR else { break }
            isEnding = isEnding || waiting[1].revents != 0
            if waiting[0].revents & Int16(POLLIN) != 0 {
                let count = Glibc.read(reader, &block, block.count)
                guard count > 0 || (count < 0 && errno == EINTR) else { break }
                if count > 0 { ring.withLock { $0.append(block[..<count]) } }
            } else if isEnding || waiting[0].revents != 0 {
                break
            }
        }
        isRead.signal()
    }
}
