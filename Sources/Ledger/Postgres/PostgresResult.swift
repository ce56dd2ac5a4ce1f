// One statement's rows.

import CPostgres

/// Rows of a statement, in text. Read on the thread that got it.
final class PostgresResult {
    private let raw: OpaquePointer
    private let library: PostgresLibrary
    let count: Int

    init(_ raw: OpaquePointer, _ library: PostgresLibrary) {
        self.raw = raw
        self.library = library
        count = Int(library.pq.PQntuples(raw))
    }

    deinit { library.pq.PQclear(raw) }

    /// Rows that a statement without rows has changed.
    var changes: Int {
        guard let text = library.pq.PQcmdTuples(raw) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    func isNull(_ row: Int, _ column: Int) -> Bool { library.pq.PQgetisnull(raw, Int32(row), Int32(column)) != 0 }

    /// The bytes of a value; none where it is null.
    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: library.pq.PQgetvalue(raw, Int32(row), Int32(column)),
            count: Int(library.pq.PQgetlength(raw, Int32(row), Int32(column))))
    }

    func text(_ row: Int, _ column: Int) -> String { String(decoding: bytes(row, column), as: UTF8.self) }
    func optionalText(_ row: Int, _ column: Int) -> String? { isNull(row, column) ? nil : text(row, column) }
    func bool(_ row: Int, _ column: Int) -> Bool { bytes(row, column).first == UInt8(ascii: "t") }
    func int(_ row: Int, _ column: Int) -> Int { Int(clamping: int64(row, column)) }
    func optionalInt64(_ row: Int, _ column: Int) -> Int64? { isNull(row, column) ? nil : int64(row, column) }

    func int64(_ row: Int, _ column: Int) -> Int64 {
        var value: Int64 = 0
        let bytes = bytes(row, column)
        let isNegative = bytes.first == UInt8(ascii: "-")
        for byte in bytes.dropFirst(isNegative ? 1 : 0) { value = value &* 10 &- Int64(byte &- UInt8(ascii: "0")) }
        return isNegative ? value : 0 &- value
    }
}
