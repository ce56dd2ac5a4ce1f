// A growable block of bytes that a JSONReader unescapes strings into. Reused, so that reading allocates nothing.

/// Memory for unescaped strings. One reader at a time may use it.
package final class JSONScratch {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int

    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 16)
        self.base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

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
