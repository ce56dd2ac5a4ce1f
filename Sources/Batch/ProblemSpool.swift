// What is wrong with rows, kept until the end in the order of the file: in memory while it is little, else on disk.

import Glibc

/// A queue of texts by row. Written in the order of rows, then read in the same order, as often as needed.
package final class ProblemSpool {
    private static let memoryLimit = 4 << 20

    private var buffer: [UInt8] = []
    /// An unnamed temporary file with what came before `buffer`.
    private var file: UnsafeMutablePointer<FILE>?
    package private(set) var count = 0

    package init() {}

    deinit { if let file { fclose(file) } }

    /// Adds the text for a row; rows must come in ascending order.
    package func append(row: Int, _ text: String) throws(BatchError) {
        count += 1
        withUnsafeBytes(of: UInt64(row).littleEndian) { buffer.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { buffer.append(contentsOf: $0) }
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.memoryLimit { try spill() }
    }

    /// Reads from the beginning.
    package func reader() throws(BatchError) -> Reader {
        if let file {
            try spill()
            rewind(file)
        }
        return Reader(self)
    }

    private func spill() throws(BatchError) {
        if file == nil { file = tmpfile() }
        guard let file, fseek(file, 0, SEEK_END) == 0, fwrite(buffer, 1, buffer.count, file) == buffer.count,
            fflush(file) == 0
        else {
            throw BatchError(
                .outputFailed,
                "the list of bad rows cannot be kept in a temporary file: \(String(cString: strerror(errno)))")
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// A place in the queue. Only one reader is in use at a time.
    package final class Reader {
        private let spool: ProblemSpool
        private var offset = 0
        private var next: (row: Int, text: String)?

        fileprivate init(_ spool: ProblemSpool) {
            self.spool = spool
            advance()
        }

        /// The text for a row, if it has one. Rows must be asked for in ascending order.
        package func text(ofRow row: Int) -> String? {
            while let entry = next, entry.row < row { advance() }
            guard let entry = next, entry.row == row else { return nil }
            return entry.text
        }

        private func advance() {
            next = nil
            let head = read(12)
            guard head.count == 12 else { return }
            let row = head.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
            let length = head.withUnsafeBytes {
                UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            }
            next = (Int(row), String(decoding: read(Int(length)), as: UTF8.self))
        }

        private func read(_ count: Int) -> [UInt8] {
            if let file = spool.file {
                var bytes = [UInt8](repeating: 0, count: count)
                let taken = fread(&bytes, 1, count, file)
                return Array(bytes.prefix(taken))
            }
            let end = min(offset + count, spool.buffer.count)
            defer { offset = end }
            return Array(spool.buffer[offset..<end])
        }
    }
}
