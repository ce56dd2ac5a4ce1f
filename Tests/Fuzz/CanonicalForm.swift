// Lua values as bytes that are equal for equal values: a table's entries have no order, numbers are their bits.

import LuaRuntime

struct CanonicalForm: Equatable {
    private var bytes: [UInt8] = []

    init(_ values: [LuaValue]) {
        for value in values { add(value) }
    }

    private mutating func add(_ value: LuaValue) {
        switch value {
        case .null, .task: mark("0")
        case .nullSentinel: mark("N")
        case .boolean(let flag): mark(flag ? "t" : "f")
        case .integer(let number): add("i", UInt64(bitPattern: number))
        case .number(let number): add("d", number.bitPattern)
        case .box(let exact): add("b", UInt64(bitPattern: exact))
        case .string(let text): add("s", Array(text.utf8))
        case .bytes(let raw): add("s", raw)
        case .array(let elements):
            mark("[")
            for element in elements { add(element) }
            mark("]")
        case .table(let entries):
            // An empty table and an empty array differ: the array keeps its mark.
            mark("{")
            let ordered = entries.map { CanonicalForm([$0.key, $0.value]).bytes }
                .sorted { $0.lexicographicallyPrecedes($1) }
            for entry in ordered { bytes += entry }
            mark("}")
        }
    }

    private mutating func mark(_ letter: Unicode.Scalar) { bytes.append(UInt8(ascii: letter)) }

    private mutating func add(_ letter: Unicode.Scalar, _ word: UInt64) {
        mark(letter)
        withUnsafeBytes(of: word) { bytes += $0 }
    }

    private mutating func add(_ letter: Unicode.Scalar, _ content: [UInt8]) {
        add(letter, UInt64(content.count))
        bytes += content
    }
}
