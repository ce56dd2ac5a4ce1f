// The record in memory, and the bytes of it that a file has not had yet.
// A value; Keeper writes the bytes.

/// The append-only record, its newest entries at hand.
struct RecordBook: Sendable {
    /// Entries kept in memory; beyond it the oldest quarter is let go (the file keeps all).
    static let memoryLimit = 1_000_000

    private(set) var entries: [RecordEntry] = []
    private var nextSequence = 1
    private let keepsBytes: Bool
    private var unwritten: [UInt8] = []

    init(keepsBytes: Bool) { self.keepsBytes = keepsBytes }

    mutating func append(_ entry: RecordEntry) {
        var entry = entry
        entry.sequence = nextSequence
        nextSequence += 1
        if keepsBytes {
            unwritten.append(contentsOf: entry.json.bytes)
            unwritten.append(UInt8(ascii: "\n"))
        }
        if entries.count >= Self.memoryLimit { entries.removeFirst(Self.memoryLimit / 4) }
        entries.append(entry)
    }

    /// At most `limit` entries after sequence number `since`, oldest first.
    func entries(since: Int, limit: Int) -> ArraySlice<RecordEntry> {
        guard let first = entries.first?.sequence else { return [] }
        let start = min(max(since - first + 1, 0), entries.count)
        return entries[start...].prefix(limit)
    }

    /// Hands over the JSON Lines that are not in the file yet.
    mutating func takeUnwritten() -> [UInt8] {
        defer { unwritten = [] }
        return unwritten
    }
}
