// Whole small files, read up to a bound.

import Glibc

/// Whole small files.
package enum FileBytes {
    /// `nil`: it cannot be read, or is larger.
    package static func read(_ file: Int32, atMost limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(file, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, bytes.count + count <= limit else { return nil }
            if count == 0 { return bytes }
            bytes += block[..<count]
        }
    }
}
