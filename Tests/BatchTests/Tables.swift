// Tables for tests: files in a folder of their own, and their records.

import Batch
import CSV
import Foundation
import Testing

/// A folder that goes when the test lets go of it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "paylink-batch-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func append(_ name: String, _ text: String) throws {
        try write(name, (read(name) ?? "") + text)
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }
}

/// All the records of a text.
func records(of text: String) throws -> (header: [String], records: CSVRecords) {
    var rest = Array(text.utf8)[...]
    let reader = CSVReader { buffer in
        let piece = rest.prefix(buffer.count)
        buffer.copyBytes(from: piece)
        rest = rest.dropFirst(piece.count)
        return piece.count
    }
    let records = CSVRecords()
    _ = try reader.next(into: records)
    return (reader.header, records)
}

/// Runs a body that should throw a ``BatchError``, and gives it.
func failure(_ body: () throws -> Void) throws -> BatchError {
    try #require(throws: BatchError.self) { try body() }
}
