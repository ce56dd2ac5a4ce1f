// Whether bytes are encoded values at all: what a script's own process sends is looked through before anybody reads it.

import CLuaHost

/// Checks on encoded values that come from a process which may send anything.
enum EncodedValues {
    /// As deep as the encoder goes: a table, and a secret's parts in it.
    static let maximumDepth = 102

    /// Whether `bytes` are complete values of the kinds that come from Lua, none nested too deep, and no map with an odd
    /// number of entries.
    static func areWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var check = Check(bytes: bytes)
        while check.at < bytes.count {
            guard check.value(0) == .value else { return false }
        }
        return true
    }

    private enum Found { case value, end, bad }

    private struct Check {
        let bytes: UnsafeRawBufferPointer
        var at = 0

        mutating func value(_ depth: Int) -> Found {
            guard at < bytes.count, depth <= EncodedValues.maximumDepth else { return .bad }
            let tag = UInt32(bytes[at])
            at += 1
            switch tag {
            case LH_NIL.rawValue, LH_FALSE.rawValue, LH_TRUE.rawValue, LH_NULL.rawValue: return .value
            case LH_INTEGER.rawValue, LH_NUMBER.rawValue, LH_BOX.rawValue: return skip(8)
            case LH_TASK.rawValue: return skip(4)
            case LH_STRING.rawValue:
                guard let count = word() else { return .bad }
                return skip(count)
            case LH_ARRAY.rawValue: return entries(depth, ofTwo: false)
            case LH_MAP.rawValue: return entries(depth, ofTwo: true)
            case LH_SECRET.rawValue:
                guard at < bytes.count, UInt32(bytes[at]) == LH_ARRAY.rawValue else { return .bad }
                return value(depth + 1)
            case LH_END.rawValue: return depth > 0 ? .end : .bad
            default: return .bad
            }
        }

        private mutating func entries(_ depth: Int, ofTwo: Bool) -> Found {
            guard word() != nil else { return .bad }
            while true {
                switch value(depth + 1) {
                case .bad: return .bad
                case .end: return .value
                case .value: if ofTwo, value(depth + 1) != .value { return .bad }
                }
            }
        }

        private mutating func word() -> Int? {
            guard bytes.count - at >= 4 else { return nil }
            defer { at += 4 }
            return Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian)
        }

        private mutating func skip(_ count: Int) -> Found {
            guard bytes.count - at >= count else { return .bad }
            at += count
            return .value
        }
    }
}
