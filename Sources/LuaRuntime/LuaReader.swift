// Reads encoded Lua values: the arguments of a host call, a failure's report.
// A reader points into memory that is valid only during the call it was given for.

import CLuaHost

/// A cursor over encoded Lua values. Reading past the end, or a kind that is not there, gives `nil`.
package struct LuaReader {
    private var at: UnsafeRawPointer
    private let end: UnsafeRawPointer

    package init(_ bytes: UnsafeRawBufferPointer) {
        at = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!  // Safe because: never read when empty.
        end = at + bytes.count
    }

    /// How many bytes are left to be read.
    package var remaining: Int { end - at }

    package enum Kind: Sendable {
        case null, boolean, integer, number, string, array, map, end, box, nullSentinel, task, secret
    }

    /// The kind of the next value, or `nil` at the end of all.
    package var kind: Kind? {
        guard at < end else { return nil }
        switch UInt32(at.load(as: UInt8.self)) {
        case LH_NIL.rawValue: return .null
        case LH_FALSE.rawValue, LH_TRUE.rawValue: return .boolean
        case LH_INTEGER.rawValue: return .integer
        case LH_NUMBER.rawValue: return .number
        case LH_STRING.rawValue: return .string
        case LH_ARRAY.rawValue: return .array
        case LH_MAP.rawValue: return .map
        case LH_END.rawValue: return .end
        case LH_BOX.rawValue: return .box
        case LH_NULL.rawValue: return .nullSentinel
        case LH_TASK.rawValue: return .task
        case LH_SECRET.rawValue: return .secret
        default: return nil
        }
    }

    package mutating func boolean() -> Bool? {
        guard kind == .boolean else { return nil }
        defer { at += 1 }
        return UInt32(at.load(as: UInt8.self)) == LH_TRUE.rawValue
    }

    package mutating func integer() -> Int64? { word(.integer).map(Int64.init(bitPattern:)) }
    package mutating func number() -> Double? { word(.number).map(Double.init(bitPattern:)) }
    package mutating func box() -> Int64? { word(.box).map(Int64.init(bitPattern:)) }

    /// The bytes of a string; valid as long as the reader is.
    package mutating func bytes() -> UnsafeRawBufferPointer? {
        guard kind == .string, let count = size(), end - at >= 5 + count else { return nil }
        defer { at += 5 + count }
        return UnsafeRawBufferPointer(start: at + 5, count: count)
    }

    /// A string, or `nil` when the next value is none or is not valid UTF-8 (`kind` then tells which).
    package mutating func string() -> String? {
        let before = at
        guard let bytes = bytes() else { return nil }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        at = before
        return nil
    }

    package mutating func task() -> LuaTaskID? {
        guard kind == .task, let id = size() else { return nil }
        at += 5
        return LuaTaskID(raw: UInt32(id))
    }

    /// Steps to the parts of a secret: an array of texts and of the host's numbers follows. False: it is none.
    package mutating func secret() -> Bool {
        guard kind == .secret else { return false }
        at += 1
        return true
    }

    /// Steps into an array or a map: its size hint. Its values follow, until `kind` is `.end`; then `leave()`.
    package mutating func enter() -> Int? {
        guard kind == .array || kind == .map, let count = size() else { return nil }
        at += 5
        return count
    }

    package mutating func leave() { at += kind == .end ? 1 : 0 }

    /// Steps over a value that is nil (or json.null); false when it is something else.
    package mutating func skipNull() -> Bool {
        guard kind == .null || kind == .nullSentinel else { return false }
        at += 1
        return true
    }

    /// Steps over one value of any kind; false at an end.
    package mutating func skip() -> Bool {
        switch kind {
        case nil, .end: return false
        case .null, .nullSentinel, .boolean: at += 1
        case .integer, .number, .box: at += min(9, end - at)
        case .task: at += min(5, end - at)
        case .string: if bytes() == nil { at = end }
        case .secret:
            at += 1
            return skip()
        case .array, .map:
            guard enter() != nil else { return false }
            while skip() {}
            leave()
        }
        return true
    }

    /// Any value, whole; a secret as `***`. Nesting is bounded by the encoder.
    package mutating func value() -> LuaValue? {
        switch kind {
        case nil, .end: return nil
        case .null:
            at += 1
            return .null
        case .nullSentinel:
            at += 1
            return .nullSentinel
        case .boolean: return boolean().map(LuaValue.boolean)
        case .integer: return integer().map(LuaValue.integer)
        case .number: return number().map(LuaValue.number)
        case .box: return box().map(LuaValue.box)
        case .task: return task().map(LuaValue.task)
        case .string:
            guard let bytes = bytes() else { return nil }
            if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
            return .bytes(Array(bytes))
        case .secret:
            guard skip() else { return nil }
            return .string("***")
        case .array:
            guard enter() != nil else { return nil }
            var values: [LuaValue] = []
            while let value = value() { values.append(value) }
            leave()
            return .array(values)
        case .map:
            guard enter() != nil else { return nil }
            var entries: [(key: LuaValue, value: LuaValue)] = []
            while let key = value(), let value = value() { entries.append((key, value)) }
            leave()
            return .table(entries)
        }
    }

    private mutating func word(_ expected: Kind) -> UInt64? {
        guard kind == expected, end - at >= 9 else { return nil }
        defer { at += 9 }
        return (at + 1).loadUnaligned(as: UInt64.self).littleEndian
    }

    private func size() -> Int? {
        guard end - at >= 5 else { return nil }
        return Int((at + 1).loadUnaligned(as: UInt32.self).littleEndian)
    }
}
