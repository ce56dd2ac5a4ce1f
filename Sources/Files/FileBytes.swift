// Whole small files, read up to a bound.

import Glibc

/// Whole small files.
package enum FileBytes {
    /// Reads from where the file stands to its end.
    /// - Returns: `nil` when that is more than `limit` bytes.
    package static func read(_ file: Int32, atMost limit: Int) throws(SystemError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try SystemCall.repeated { Glibc.read(file, &block, block.count) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { return nil }
            bytes += block[..<count]
        }
    }
}
