// Descriptions made from a row: "Order {order_id}".

package import CSV
import Console

/// A text with columns in braces. `{{` and `}}` stand for braces themselves.
package struct DescriptionTemplate: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text([UInt8])
        /// A column's place in the header.
        case column(Int)
    }

    package let parts: [Part]
    /// The column that is the description; `nil` for a template.
    let column: Int?

    /// The whole of one column.
    package init(column: Int) {
        parts = [.column(column)]
        self.column = column
    }

    /// - Throws: ``BatchError`` with code `usage`: a brace that is not closed, or a column that is not there.
    package init(parsing template: String, header: [String]) throws(BatchError) {
        var parts: [Part] = []
        var text: [UInt8] = []
        var rest = Array(template.utf8)[...]
        let shown = "the description template \(ShownText.quoted(template))"
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "{") where rest.first == byte, UInt8(ascii: "}") where rest.first == byte:
                rest.removeFirst()
                text.append(byte)
            case UInt8(ascii: "{"):
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                    throw BatchError(.usage, "\(shown) has a { that is not closed; write {{ for a brace itself")
                }
                let name = String(decoding: rest[..<end], as: UTF8.self)
                rest = rest[(end + 1)...]
                if !text.isEmpty { parts.append(.text(text)) }
                text = []
                parts.append(.column(try Self.column(name, in: header, shown)))
            case UInt8(ascii: "}"):
                throw BatchError(.usage, "\(shown) has a } without a {; write }} for a brace itself")
            default:
                text.append(byte)
            }
        }
        if !text.isEmpty { parts.append(.text(text)) }
        self.parts = parts
        column = nil
    }

    private static func column(_ name: String, in header: [String], _ shown: String) throws(BatchError) -> Int {
        if let index = BatchColumns.find(name, in: header) { return index }
        let trimmed = name.split(separator: " ").joined(separator: " ")
        if let index = BatchColumns.find(trimmed, in: header) { return index }
        throw BatchError(
            .usage,
            "\(shown) names the column \(ShownText.quoted(name)), which is not there; the columns are "
                + ShownText.list(header))
    }

    /// The text for one record.
    package func text(_ records: CSVRecords, _ record: Int) -> String {
        if parts.count == 1, case .column(let column) = parts[0] { return records.string(record, column) }
        var length = 0
        for part in parts {
            switch part {
            case .text(let bytes): length += bytes.count
            case .column(let column): length += records.field(record, column).count
            }
        }
        return String(unsafeUninitializedCapacity: length) { buffer in
            let target = UnsafeMutableRawBufferPointer(buffer)
            var place = 0
            func put(_ bytes: some Collection<UInt8>) {
                // Safe because: the capacity is the sum of all parts.
                UnsafeMutableRawBufferPointer(rebasing: target[place...]).copyBytes(from: bytes)
                place += bytes.count
            }
            for part in parts {
                switch part {
                case .text(let bytes): put(bytes)
                case .column(let column): put(records.field(record, column))
                }
            }
            return place
        }
    }
}
