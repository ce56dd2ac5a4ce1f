// Which keys a file has, and which of them twice. The pass over the rows notes a hash of each key; only when one seems
// to have been there before is the file searched for what is there twice, key by key.

import CSV

/// The keys of the rows so far.
struct SeenKeys {
    private var keys = KeySet()
    /// What a search of the whole file has found, once there was reason for one.
    private var found: BatchKeys?

    /// Every key, once all rows have been seen.
    var all: KeySet { found?.keys ?? keys }

    /// Takes the key of the next row.
    /// - Parameters:
    ///   - key: an empty one is nobody's.
    ///   - search: searches the whole file; called once at most.
    /// - Returns: the line of the first row with that key, if it is an earlier one.
    mutating func lineOfFirst(
        with key: UnsafeRawBufferPointer, row: Int, search: () throws(BatchError) -> BatchKeys
    ) throws(BatchError) -> Int? {
        guard !key.isEmpty else { return nil }
        if found == nil {
            if keys.insert(KeySet.hash(key)) { return nil }
            keys = KeySet()
            found = try search()
        }
        return found?.lineOfFirst(ofRow: row)
    }
}

/// What a search of a whole file has found. Rows are numbered from 0 in the order of the file, bad ones included.
package struct BatchKeys: Sendable {
    /// Every key of the file.
    package private(set) var keys = KeySet()
    /// Rows whose key an earlier row has, in their order, with that row's line.
    private var repeats: [(row: UInt32, line: UInt32)] = []

    /// How many rows have the key of an earlier one.
    package var duplicates: Int { repeats.count }

    /// The line of the first row with the key of `row`, if that is an earlier one.
    package func lineOfFirst(ofRow row: Int) -> Int? {
        var (low, high) = (0, repeats.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(repeats[middle].row) < row { low = middle + 1 } else { high = middle }
        }
        return low < repeats.count && Int(repeats[low].row) == row ? Int(repeats[low].line) : nil
    }

    /// Reads the keys of the whole file, and a second time if one seems to be there twice.
    ///
    /// - Parameters:
    ///   - column: where the key stands, in the mapping's table if there is one.
    ///   - check: called now and then; may throw to stop.
    /// - Throws: ``BatchError``.
    package init(
        _ input: BatchInput, key column: Int, mapped: MappedTable? = nil, check: () throws(BatchError) -> Void
    ) throws(BatchError) {
        var suspects = KeySet()
        var keys = KeySet()
        try Self.read(input, column, mapped, check) { key, _, _ in
            let hash = KeySet.hash(key)
            if !keys.insert(hash) { _ = suspects.insert(hash) }
        }
        self.keys = keys
        guard suspects.count > 0 else { return }
        let suspected = suspects
        var first: [UInt64: (key: String, line: UInt32)] = [:]
        /// Further keys with the hash of another one: as good as always none.
        var others: [String: UInt32] = [:]
        var repeats: [(row: UInt32, line: UInt32)] = []
        first.reserveCapacity(suspected.count)
        try Self.read(input, column, mapped, check) { key, row, line in
            let hash = KeySet.hash(key)
            guard suspected.contains(hash) else { return }
            let line = UInt32(clamping: line), row = UInt32(clamping: row)
            guard let earlier = first[hash] else {
                first[hash] = (String(decoding: key, as: UTF8.self), line)
                return
            }
            if earlier.key.utf8.elementsEqual(key) {
                repeats.append((row, earlier.line))
            } else if let line = others[Self.name(key)] {
                repeats.append((row, line))
            } else {
                others[Self.name(key)] = line
            }
        }
        self.repeats = repeats
    }

    /// A name for a dictionary that, unlike a string's own equality, tells all keys apart.
    private static func name(_ key: UnsafeRawBufferPointer) -> String {
        key.map { String($0, radix: 16) }.joined(separator: " ")
    }

    private static func read(
        _ input: BatchInput, _ column: Int, _ mapped: MappedTable?, _ check: () throws(BatchError) -> Void,
        _ body: (_ key: UnsafeRawBufferPointer, _ row: Int, _ line: Int) -> Void
    ) throws(BatchError) {
        let reader = input.reader()
        let records = CSVRecords()
        let terms = TermsCursor(input, mapped)
        var row = 0
        do {
            while try reader.next(into: records) > 0 {
                let isClean = records.problems.isEmpty
                for record in 0..<records.count {
                    let place = try terms.take(records, record)
                    let key = place.records.field(place.record, column)
                    // A bad record has no fields to speak of, and an empty key is reported by itself.
                    if !key.isEmpty, isClean || records.problem(ofRecord: record) == nil {
                        body(key, row, Int(records.lines[record]))
                    }
                    row += 1
                }
                try check()
            }
        } catch {
            throw input.failure(error)
        }
        try input.checkUnchanged()
    }
}
