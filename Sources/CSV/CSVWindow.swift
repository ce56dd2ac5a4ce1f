// The piece of the file that is being looked at, as UTF-8, with the current record in one piece.
// It reads, finds the byte order mark and grows; what other encodings become is CSVTranscoder's part.

/// Where the bytes of a file come from: fills the buffer from its start and returns how many bytes it wrote, 0 at the
/// end. It may return fewer than fit. It is not called again after the end.
package typealias CSVSource = (UnsafeMutableRawBufferPointer) throws -> Int

/// A growing buffer in front of a source.
final class CSVWindow {
    /// Room behind the text. It begins with a line feed, where the scanner stops, and seven bytes that it may read.
    private static let slack = 16
    private static let initialCapacity = 256 << 10
    /// With less room than this a read is not worthwhile.
    private static let leastRoom = 4 << 10

    private let source: CSVSource
    private let largestCapacity: Int
    private var capacity = CSVWindow.initialCapacity
    private var transcoder: CSVTranscoder?
    private var sourceHasEnded = false
    private var isOpen = false

    private(set) var base: UnsafeMutableRawPointer
    private(set) var end = 0
    private(set) var encoding = CSVEncoding.utf8
    private(set) var hasMark = false
    /// Bytes taken from the source so far.
    private(set) var bytesRead = 0

    /// - Parameter maximumRecordBytes: the caller gives up a record before it is longer than this and a byte.
    init(source: @escaping CSVSource, maximumRecordBytes: Int) {
        self.source = source
        largestCapacity = max(maximumRecordBytes + 16 * Self.leastRoom, Self.initialCapacity)
        base = .allocate(byteCount: capacity + Self.slack, alignment: 16)
        markEnd()
    }

    deinit {
        base.deallocate()
    }

    /// Reads the first bytes and decides the encoding. Does nothing when that has been done.
    /// - Parameter expected: the encoding if there is no byte order mark.
    func open(expected: CSVEncoding) throws {
        guard !isOpen else { return }
        while end < 3, try readRaw() {}
        isOpen = true
        let text = UnsafeRawBufferPointer(start: base, count: end)
        var mark = 0
        if text.starts(with: [0xEF, 0xBB, 0xBF]) {
            (encoding, mark) = (.utf8, 3)
        } else if text.starts(with: [0xFF, 0xFE]) {
            (encoding, mark) = (.utf16LittleEndian, 2)
        } else if text.starts(with: [0xFE, 0xFF]) {
            (encoding, mark) = (.utf16BigEndian, 2)
        } else {
            encoding = expected
        }
        hasMark = mark > 0
        if encoding == .utf8 {
            drop(mark)
        } else {
            transcoder = CSVTranscoder(from: encoding, first: text.dropFirst(mark))
            end = 0
            markEnd()
        }
    }

    /// Forgets the first bytes; the others move to the beginning.
    func drop(_ count: Int) {
        guard count > 0 else { return }
        // Safe because: nobody passes more than `end`; memmove allows the overlap.
        base.copyMemory(from: base + count, byteCount: end - count)
        end -= count
        markEnd()
    }

    /// Reads more behind what is there.
    /// - Returns: false at the end of the file, when nothing has been added.
    func fill() throws -> Bool {
        guard transcoder != nil else { return try readRaw() }
        makeRoom()
        while true {
            let room = UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end)
            if let count = transcoder?.convert(into: room), count > 0 {
                end += count
                markEnd()
                return true
            }
            if sourceHasEnded { return false }
            let raw = transcoder?.room ?? room
            let count = try read(into: raw)
            transcoder?.add(count, isLast: sourceHasEnded)
        }
    }

    /// Adds the line end that the last line lacks.
    func appendLineFeed() {
        makeRoom()
        end += 1
        markEnd()
    }

    // MARK: Bytes

    private func readRaw() throws -> Bool {
        guard !sourceHasEnded else { return false }
        makeRoom()
        // Also when the source throws: it may have written over the mark.
        defer { markEnd() }
        let count = try read(into: UnsafeMutableRawBufferPointer(start: base + end, count: capacity - end))
        end += count
        return count > 0
    }

    private func read(into room: UnsafeMutableRawBufferPointer) throws -> Int {
        // A source that claims more than it was offered must not lead anyone out of bounds.
        let count = min(max(try source(room), 0), room.count)
        if count == 0 { sourceHasEnded = true }
        bytesRead += count
        return count
    }

    private func makeRoom() {
        guard capacity - end < Self.leastRoom else { return }
        let larger = max(min(capacity * 2, largestCapacity), end + Self.leastRoom)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger + Self.slack, alignment: 16)
        moved.copyMemory(from: base, byteCount: end)
        base.deallocate()
        (base, capacity) = (moved, larger)
        markEnd()
    }

    private func markEnd() {
        // Safe because: `end` is at most capacity, and the slack lies behind that.
        base.storeBytes(of: UInt64(ASCII.lineFeed).littleEndian, toByteOffset: end, as: UInt64.self)
    }
}
