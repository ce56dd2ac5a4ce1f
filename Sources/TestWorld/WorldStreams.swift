// Standard input, output and error of a process in a test's world: files in memory.

import CPosix
import Glibc

/// Why a part of a world cannot be made.
package struct WorldFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The three streams of one process.
final class WorldStreams {
    private let input: Int32
    private let kept: Int32

    init(input bytes: [UInt8]) throws(WorldFailure) {
        input = try Self.make()
        kept = try Self.make()
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            guard count > 0 else { throw WorldFailure("standard input: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
        lseek(input, 0, SEEK_SET)
    }

    deinit {
        close(input)
        close(kept)
    }

    /// A descriptor that reads the input, for the script to own.
    func reading() -> Int32 { fcntl(input, F_DUPFD_CLOEXEC, 3) }

    /// A descriptor that writes the output, for the script to own.
    func writing() -> Int32 { fcntl(kept, F_DUPFD_CLOEXEC, 3) }

    /// What was written out so far.
    func output() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(kept, &buffer, buffer.count, off_t(bytes.count))
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static func make() throws(WorldFailure) -> Int32 {
        let file = cposix_memory_file()
        guard file >= 0 else { throw WorldFailure("a stream in memory: \(String(cString: strerror(errno)))") }
        return file
    }
}
