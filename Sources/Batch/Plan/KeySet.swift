// Which keys a file has used, in eight bytes a key: hashes, seeded anew in every process.

/// A set of the hashes of keys. Two keys may share a hash (about once in ten million files of a million rows), so a
/// finding is only a suspicion, until ``BatchKeys`` has compared the keys themselves.
package struct KeySet: Sendable {
    /// Open addressing with linear probing; 0 is a free place. At most five eighths are taken.
    private var places: [UInt64]
    package private(set) var count = 0

    package init() { places = [UInt64](repeating: 0, count: 1024) }

    /// The hash of a key; never 0.
    package static func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: key)
        return max(1, UInt64(bitPattern: Int64(hasher.finalize())))
    }

    package static func hash(_ key: String) -> UInt64 {
        var key = key
        return key.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a hash.
    /// - Returns: false if it was there.
    package mutating func insert(_ hash: UInt64) -> Bool {
        if count >= places.count * 5 / 8 { grow() }
        let place = find(hash)
        if places[place] == hash { return false }
        places[place] = hash
        count += 1
        return true
    }

    package func contains(_ hash: UInt64) -> Bool { places[find(hash)] == hash }

    /// Where the hash is, or would be.
    private func find(_ hash: UInt64) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0, places[place] != hash { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = places
        places = [UInt64](repeating: 0, count: old.count * 2)
        for hash in old where hash != 0 { places[find(hash)] = hash }
    }
}
