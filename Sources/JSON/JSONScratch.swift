// A growable block of bytes that a JSONReader unescapes strings into. Reused, so that reading allocates nothing.

import Glibc

/// Memory for unescaped strings, and strings that come again in one text after the other. One reader at a time may use it.
package final class JSONScratch {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    private var repeated: [String] = []

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        self.base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    /// A string that mostly is the one of the text before: it is made once, and shared.
    /// - Parameter place: a small number that tells such strings of a text apart.
    func string(_ bytes: UnsafeRawBufferPointer, repeatedAt place: Int) -> String {
        while repeated.count <= place { repeated.append("") }
        let isSame = repeated[place].utf8.withContiguousStorageIfAvailable { text in
            guard text.count == bytes.count else { return false }
            guard let old = text.baseAddress, let new = bytes.baseAddress else { return true }
            return memcmp(old, new, text.count) == 0
        }
        if isSame != true { repeated[place] = String(decoding: bytes, as: UTF8.self) }
        return repeated[place]
    }

    /// Makes room for `needed` bytes, keeping the first `used`.
    func reserve(_ needed: Int, keeping used: Int) {
        guard needed > capacity else { return }
        let larger = max(needed, capacity * 2)
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        fresh.update(from: base, count: used)
        base.deallocate()
        base = fresh
        capacity = larger
    }
}
