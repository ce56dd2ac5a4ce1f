// A Lua value as plain data, for the places where speed does not matter.
// The hot path reads and writes the encoded form directly (LuaReader, LuaWriter).

/// A value that crossed the border between a script and its host. Strings are bytes, as in Lua.
package enum LuaValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    /// A string that is not valid UTF-8.
    case bytes([UInt8])
    case array([LuaValue])
    case table([(key: LuaValue, value: LuaValue)])
    /// The host's exact integer (money).
    case box(Int64)
    /// `json.null`.
    case nullSentinel
    case task(LuaTaskID)

    package static func == (left: LuaValue, right: LuaValue) -> Bool {
        switch (left, right) {
        case (.null, .null), (.nullSentinel, .nullSentinel): true
        case (.boolean(let a), .boolean(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.number(let a), .number(let b)): a == b
        case (.string(let a), .string(let b)): a == b
        case (.bytes(let a), .bytes(let b)): a == b
        case (.array(let a), .array(let b)): a == b
        case (.box(let a), .box(let b)): a == b
        case (.task(let a), .task(let b)): a == b
        case (.table(let a), .table(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    /// The value of a string key, for a table.
    package subscript(_ name: String) -> LuaValue? {
        guard case .table(let entries) = self else { return nil }
        return entries.first { $0.key == .string(name) }?.value
    }

    package var stringValue: String? {
        switch self {
        case .string(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }
}

/// A task of one Lua state. Ids are used again once a task is released.
package struct LuaTaskID: Hashable, Sendable {
    package let raw: UInt32
    package init(raw: UInt32) { self.raw = raw }
}
