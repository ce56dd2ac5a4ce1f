// Rows that are needed again, in the order of the file: in memory while they are few, else in a file without a name;
// and how the making takes them up.

package import Recorder

/// Rows with their texts, written once and then read as often as needed, in constant memory.
package struct RowSpool: Sendable {
    package struct Entry: Sendable, Hashable {
        /// From 0, in the order of the file.
        package var row: Int
        package var line: Int
        package var key: String
        /// The terms of an order, in their canonical form; or what is wrong with the row.
        package var text: String

        package init(row: Int, line: Int, key: String = "", text: String) {
            self.row = row
            self.line = line
            self.key = key
            self.text = text
        }
    }

    private static let memoryLimit = 4 << 20
    fileprivate static let headBytes = 20

    private let folders: [String]
    /// What came after the contents of `file`.
    fileprivate private(set) var buffer: [UInt8] = []
    fileprivate private(set) var file: TemporaryFile?
    fileprivate private(set) var fileBytes = 0
    package private(set) var count = 0

    /// - Parameter folders: where a file may lie; the first that takes it does.
    package init(folders: [String] = ["/tmp"]) { self.folders = folders }

    /// Adds a row; they come in ascending order.
    /// - Throws: ``BatchError`` with code `output_failed`, as when the disk is full.
    package mutating func append(row: Int, line: Int, key: String = "", _ text: String) throws(BatchError) {
        count += 1
        withUnsafeBytes(of: UInt64(row).littleEndian) { buffer.append(contentsOf: $0) }
        for number in [line, key.utf8.count, text.utf8.count] {
            withUnsafeBytes(of: UInt32(clamping: number).littleEndian) { buffer.append(contentsOf: $0) }
        }
        buffer.append(contentsOf: key.utf8)
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.memoryLimit { try spill() }
    }

    /// Reads from the beginning what is there now.
    package func reader() -> Reader { Reader(self) }

    private mutating func spill() throws(BatchError) {
        if file == nil { file = try TemporaryFile(in: folders) }
        try file?.append(buffer)
        fileBytes += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// A place in the rows.
    package final class Reader {
        private static let windowBytes = 64 << 10

        private let spool: RowSpool
        /// Bytes up to here have been taken into the window.
        private var offset = 0
        private var window: [UInt8] = []
        private var place = 0
        private var ahead: Entry?

        fileprivate init(_ spool: RowSpool) { self.spool = spool }

        /// The next row; `nil` behind the last.
        package func next() throws(BatchError) -> Entry? {
            guard try fill(RowSpool.headBytes) else { return nil }
            let row = window.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
            let line = number(8), key = number(12), text = number(16)
            place += RowSpool.headBytes
            guard try fill(key + text) else { return nil }
            return Entry(row: Int(UInt64(littleEndian: row)), line: line, key: take(key), text: take(text))
        }

        /// The text of a row, if it is there. Rows must be asked for in ascending order.
        package func text(ofRow row: Int) throws(BatchError) -> String? {
            while ahead.map({ $0.row < row }) ?? true {
                ahead = try next()
                guard ahead != nil else { return nil }
            }
            return ahead?.row == row ? ahead?.text : nil
        }

        private func number(_ offset: Int) -> Int {
            let number = window.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place + offset, as: UInt32.self) }
            return Int(UInt32(littleEndian: number))
        }

        private func take(_ count: Int) -> String {
            defer { place += count }
            return String(decoding: window[place..<place + count], as: UTF8.self)
        }

        /// Makes sure that so many bytes lie ahead; false at the end.
        private func fill(_ count: Int) throws(BatchError) -> Bool {
            while window.count - place < count {
                window.removeFirst(place)
                place = 0
                let wanted = max(Self.windowBytes, count - window.count)
                let piece: [UInt8]
                if offset < spool.fileBytes {
                    // Safe because: a file of the spool has been written wherever `fileBytes` counts bytes.
                    piece = try spool.file!.read(at: offset, min(wanted, spool.fileBytes - offset))
                } else {
                    piece = Array(spool.buffer.dropFirst(offset - spool.fileBytes).prefix(wanted))
                }
                guard !piece.isEmpty else { return false }
                offset += piece.count
                window += piece
            }
            return true
        }
    }
}

/// Hands out the rows that are to be made or looked up. Belongs to whoever makes them.
package final class RowFeed {
    package struct Row {
        /// From 0, in the order of the file.
        package var index: Int
        package var line: Int
        package var order: LinkOrder
        /// The order's terms in their canonical form.
        package var terms: String
    }

    private let input: BatchInput
    private let spool: RowSpool
    private var orders: RowSpool.Reader
    private var count = 0
    /// Rows at the beginning that come last.
    private let first: Int
    private var isBehindTheEnd = false

    /// - Parameter start: where it begins, as a part of all rows in 0..<1: what lies before comes at the end. Runs that share
    ///   the rows begin at different places.
    package init(_ orders: RowSpool, of input: BatchInput, from start: Double = 0) {
        self.input = input
        spool = orders
        self.orders = orders.reader()
        first = min(Int(Double(orders.count) * start), max(orders.count - 1, 0))
    }

    /// The next row; `nil` behind the last.
    /// - Throws: ``BatchError`` when the file is no longer what it was: nothing is made for rows that are gone.
    package func next() throws(BatchError) -> Row? {
        if count % 64 == 0 { try input.checkUnchanged() }
        if count == 0 { for _ in 0..<first { _ = try orders.next() } }
        guard count < spool.count else { return nil }
        count += 1
        var entry = try orders.next()
        if entry == nil, !isBehindTheEnd {
            isBehindTheEnd = true
            orders = spool.reader()
            entry = try orders.next()
        }
        guard let entry else { return nil }
        guard let order = LinkOrder(terms: entry.text, key: entry.key) else {
            throw BatchError(.inputFailed, "\(input.name): line \(entry.line) was not kept as it was read")
        }
        return Row(index: entry.row, line: entry.line, order: order, terms: entry.text)
    }
}
