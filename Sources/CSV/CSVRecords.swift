// The records of one chunk, column offsets beside the text, so that they can be copied elsewhere in one piece.
// CSVScanner writes it; reading the file and naming its problems is CSVReader's part.

/// Some consecutive records: all their text in one buffer, and where each field ends.
///
/// Every record has `columnCount` entries in `ends`. A bad record has them too, all of length zero, and a problem.
/// So field `column` of record `row` lies from `ends[row * columnCount + column - 1]` (0 for the very first) to
/// `ends[row * columnCount + column]`.
///
/// One value serves for a whole file: `CSVReader.next(into:limit:)` overwrites it and keeps its memory. The pointers
/// that it hands out are valid until then. It is not Sendable: it has one owner at a time.
package final class CSVRecords {
    /// How many records there are, good and bad.
    package internal(set) var count = 0
    package private(set) var columnCount = 0
    /// In the order of the records; at most one for each.
    package internal(set) var problems: [CSVProblem] = []

    /// Room behind the text that the scanner may scribble on, as it copies eight bytes at once.
    private static let slack = 16

    private(set) var byteBase: UnsafeMutableRawPointer
    private(set) var endBase: UnsafeMutablePointer<UInt32>
    private(set) var lineBase: UnsafeMutablePointer<UInt32>
    private var byteCapacity = 64 << 10
    private var endCapacity = 1024
    private(set) var recordLimit = 128
    private var lineCapacity = 128
    /// Text, with that of a record that is not finished.
    var byteCount = 0
    /// Text of the finished records.
    var finishedBytes = 0

    /// Fields are given without the apostrophe that a writer puts before what looks like a formula.
    private(set) var removesGuard = false

    package init() {
        byteBase = .allocate(byteCount: byteCapacity, alignment: 16)
        endBase = .allocate(capacity: endCapacity)
        lineBase = .allocate(capacity: lineCapacity)
    }

    deinit {
        byteBase.deallocate()
        endBase.deallocate()
        lineBase.deallocate()
    }

    // MARK: What is in it

    /// The text of all fields, unescaped UTF-8, one after the other, with the guards that ``field(_:_:)`` removes.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: byteBase, count: finishedBytes) }

    /// The end of every field in `bytes`: `count * columnCount` entries.
    package var ends: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: endBase, count: count * columnCount) }

    /// The first physical line of every record, from 1.
    package var lines: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: lineBase, count: count) }

    /// The text of one field; empty in a bad record.
    /// - Precondition: `record` is below `count`, `column` below `columnCount`.
    package func field(_ record: Int, _ column: Int) -> UnsafeRawBufferPointer {
        precondition(record >= 0 && record < count && column >= 0 && column < columnCount, "no such field")
        let index = record * columnCount + column
        // Safe because: index is below count * columnCount, all of which are written, each at most finishedBytes.
        let start = index == 0 ? 0 : Int(endBase[index - 1])
        let text = UnsafeRawBufferPointer(start: byteBase + start, count: Int(endBase[index]) - start)
        return removesGuard ? CSVTableWriter.withoutGuard(text) : text
    }

    /// Whether fields may have guards, so that they are not what stands in `bytes`.
    package var mayHoldGuards: Bool { removesGuard && bytes.contains(UInt8(ascii: "'")) }

    /// The text of one field as a string.
    package func string(_ record: Int, _ column: Int) -> String {
        String(decoding: field(record, column), as: UTF8.self)
    }

    /// What is wrong with a record; nil for a good one.
    package func problem(ofRecord record: Int) -> CSVProblem? {
        var (low, high) = (0, problems.count)
        while low < high {
            let middle = (low + high) / 2
            if problems[middle].record < record { low = middle + 1 } else { high = middle }
        }
        return low < problems.count && problems[low].record == record ? problems[low] : nil
    }

    // MARK: For the reader

    /// Forgets what was in it and makes room for `limit` records, or fewer if they have very many columns.
    func begin(columnCount: Int, limit: Int, removesGuard: Bool = false) {
        self.columnCount = columnCount
        self.removesGuard = removesGuard
        count = 0
        byteCount = 0
        finishedBytes = 0
        problems.removeAll(keepingCapacity: true)
        recordLimit = max(1, min(limit, 1 << 16, (1 << 20) / max(columnCount, 1)))
        if recordLimit > lineCapacity {
            lineBase.deallocate()
            lineCapacity = recordLimit
            lineBase = .allocate(capacity: lineCapacity)
        }
        if recordLimit * columnCount > endCapacity {
            endBase.deallocate()
            endCapacity = recordLimit * columnCount
            endBase = .allocate(capacity: endCapacity)
        }
    }

    /// Makes room for `more` bytes of text, and for the scanner's scribbling behind them.
    func reserve(_ more: Int) {
        let needed = byteCount + more + Self.slack
        guard needed > byteCapacity else { return }
        let larger = max(needed, byteCapacity * 2)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: byteBase, byteCount: byteCount)
        byteBase.deallocate()
        (byteBase, byteCapacity) = (moved, larger)
    }

    /// Takes in the record that was being written as a good one, without the text behind its last column.
    func finishRecord(line: Int) {
        // Safe because: the scanner begins a record only while count is below recordLimit, and has written the ends
        // of all columns of one that has too many fields.
        byteCount = Int(endBase[count * columnCount + columnCount - 1])
        finishedBytes = byteCount
        lineBase[count] = UInt32(clamping: line)
        count += 1
    }

    /// Forgets the record that was being written.
    func dropRecord() { byteCount = finishedBytes }

    /// Takes in the record that was being written as a bad one: without text, with its line and problem.
    func finishBadRecord(line: Int, problem: CSVProblem) {
        byteCount = finishedBytes
        // Safe because: the scanner begins a record only while count is below recordLimit.
        for column in 0..<columnCount { endBase[count * columnCount + column] = UInt32(finishedBytes) }
        lineBase[count] = UInt32(clamping: line)
        problems.append(problem)
        count += 1
    }
}
