// Writes encoded Lua values straight into the state's own buffer: the reply to a host call.

import CLuaHost

/// Where a host call's reply is written. Valid only during the call it was given for.
package struct LuaWriter {
    private let buffer: UnsafeMutablePointer<lh_buffer>

    init(_ buffer: UnsafeMutablePointer<lh_buffer>) { self.buffer = buffer }

    package func null() { lh_put_tag(buffer, Int32(LH_NIL.rawValue)) }
    package func nullSentinel() { lh_put_tag(buffer, Int32(LH_NULL.rawValue)) }
    package func boolean(_ value: Bool) { lh_put_tag(buffer, Int32((value ? LH_TRUE : LH_FALSE).rawValue)) }
    package func integer(_ value: Int64) { lh_put_word(buffer, Int32(LH_INTEGER.rawValue), UInt64(bitPattern: value)) }
    package func number(_ value: Double) { lh_put_word(buffer, Int32(LH_NUMBER.rawValue), value.bitPattern) }
    package func box(_ value: Int64) { lh_put_word(buffer, Int32(LH_BOX.rawValue), UInt64(bitPattern: value)) }

    /// An open file, which is the script's from now on; the one value of its reply.
    package func descriptor(_ file: Int32) {
        buffer.pointee.descriptor = file + 1
        integer(Int64(file))
    }

    package func string(_ text: String) {
        var text = text
        text.withUTF8 { lh_put_string(buffer, $0.baseAddress, $0.count) }
    }

    package func string(_ text: StaticString) { lh_put_string(buffer, text.utf8Start, text.utf8CodeUnitCount) }
    package func string(_ bytes: UnsafeRawBufferPointer) { lh_put_string(buffer, bytes.baseAddress, bytes.count) }

    package func beginArray(hint: Int = 0) { lh_put_sized(buffer, Int32(LH_ARRAY.rawValue), UInt32(clamping: hint)) }
    /// Keys and values by turns follow, then `end()`.
    package func beginMap(hint: Int = 0) { lh_put_sized(buffer, Int32(LH_MAP.rawValue), UInt32(clamping: hint)) }
    package func end() { lh_put_tag(buffer, Int32(LH_END.rawValue)) }

    /// Rows of a table file, each to become a table keyed by `columns`; a bad one becomes `false`.
    ///
    /// - Parameters:
    ///   - ends: where each field ends in `text`, row after row.
    ///   - lines: the first line of each row, below 2^31.
    ///   - isBad: whether a row has no fields to show.
    package func records(
        columns: [String], ends: UnsafeBufferPointer<UInt32>, lines: UnsafeBufferPointer<UInt32>,
        text: UnsafeRawBufferPointer, isBad: (Int) -> Bool
    ) {
        lh_put_sized(buffer, Int32(LH_RECORDS.rawValue), UInt32(clamping: columns.count))
        word(UInt32(clamping: lines.count))
        for column in columns {
            var column = column
            column.withUTF8 {
                word(UInt32(clamping: $0.count))
                lh_put_bytes(buffer, $0.baseAddress, $0.count)
            }
        }
        lh_put_bytes(buffer, ends.baseAddress, ends.count * 4)
        for (row, line) in lines.enumerated() {
            word(line & 0x7FFF_FFFF | (isBad(row) ? 0x8000_0000 : 0))
        }
        word(UInt32(clamping: text.count))
        lh_put_bytes(buffer, text.baseAddress, text.count)
    }

    private func word(_ value: UInt32) {
        withUnsafeBytes(of: value.littleEndian) { lh_put_bytes(buffer, $0.baseAddress, $0.count) }
    }

    package func value(_ value: LuaValue) {
        switch value {
        case .null, .task: null()
        case .nullSentinel: nullSentinel()
        case .boolean(let flag): boolean(flag)
        case .integer(let number): integer(number)
        case .number(let double): number(double)
        case .box(let exact): box(exact)
        case .string(let text): string(text)
        case .bytes(let bytes): bytes.withUnsafeBytes { string($0) }
        case .array(let values):
            beginArray(hint: values.count)
            for element in values { self.value(element) }
            end()
        case .table(let entries):
            beginMap(hint: entries.count)
            for entry in entries {
                self.value(entry.key)
                self.value(entry.value)
            }
            end()
        }
    }
}
