// Expressions of the grammar: values of every kind, and many that are only just of it.

import Chance
import Seeded

extension ScriptGrammar {
    /// A place in the pool of values that the whole script shares.
    var slot: Int {
        mutating get { 1 + random.below(8) }
    }

    private static let leaves = [
        "nil", "true", "false", "0", "1", "-1", "2", "3", "255", "256", "65535", "2147483648", "-2147483649",
        "math.maxinteger",
        "math.mininteger", "0.5", "-0.0", "1e15", "2^53", "1e308", "math.huge", "-math.huge", "0/0", "math.pi", "_G",
        "_ENV", "v",
        "F", "string", "table", "json.null", "paylink.usd('1.50')", "getmetatable('')", "coroutine.running()", "''",
        "'x'",
        "'12.50'", "'-3'", "'0x10'", "'15m'", "'\\0'", "'%s'", "{}", "io.stdout", "arg", "print", "next", "error",
        "pcall",
    ]
    private static let operators = [
        "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", "&", "|", "~", "<<", ">>", "and", "or",
    ]
    private static let methods = [
        "rep", "sub", "byte", "upper", "format", "gsub", "find", "len", "read", "lines", "close", "write", "join",
    ]
    private static let events = [
        "__index", "__newindex", "__call", "__concat", "__len", "__eq", "__lt", "__le", "__add", "__unm", "__close",
        "__gc",
        "__mode", "__name", "__tostring", "__pairs", "__metatable", "__idiv", "__bnot",
    ]

    mutating func leaf() -> String {
        random.oneIn(3) ? "v[\(slot)]" : random.oneIn(6) ? text() : random.pick(Self.leaves)
    }

    mutating func value(depth: Int) -> String {
        guard depth < 5 else { return leaf() }
        switch random.below(18) {
        case 0...5: return leaf()
        case 6: return "(\(value(depth: depth + 1)) \(random.pick(Self.operators)) \(value(depth: depth + 1)))"
        case 7: return "(\(random.pick(["not", "-", "#", "~"])) \(value(depth: depth + 1)))"
        case 8: return table(depth: depth)
        case 9: return call(depth: depth + 1)
        case 10, 11: return function(depth: depth + 1)
        case 12: return "coroutine.\(random.pick(["create", "wrap"]))(\(function(depth: depth + 1)))"
        case 13: return "setmetatable(\(table(depth: depth)), \(metatable(depth: depth)))"
        case 14: return "(\(value(depth: depth + 1)))[\(value(depth: depth + 1))]"
        case 15: return "(\(leaf())):\(random.pick(Self.methods))(\(values(depth: depth + 1)))"
        case 16: return "(\(text())):rep(\(random.below(200)))"
        default: return "tostring(\(value(depth: depth + 1)))"
        }
    }

    /// One to four values.
    mutating func values(depth: Int) -> String {
        (0...random.below(4)).map { _ in value(depth: depth + 1) }.joined(separator: ", ")
    }

    mutating func call(depth: Int) -> String {
        random.oneIn(3)
            ? "any(\(random.below(4_096)), \(values(depth: depth)))"
            : "select(2, pcall(any, \(random.below(4_096)), \(values(depth: depth))))"
    }

    /// What can be called, most of the time.
    mutating func callee(depth: Int) -> String {
        switch random.below(4) {
        case 0: "F[\(1 + random.below(150))]"
        case 1: "v[\(slot)]"
        default: function(depth: depth)
        }
    }

    mutating func table(depth: Int) -> String {
        let entries = (0..<random.below(5)).map { _ in
            switch random.below(3) {
            case 0: value(depth: depth + 2)
            case 1: "[\(random.oneIn(3) ? "v[\(slot)] or 1" : "'k\(random.below(4))'")] = \(value(depth: depth + 2))"
            default: "n\(random.below(4)) = \(leaf())"
            }
        }
        return "{ \(entries.joined(separator: ", ")) }"
    }

    mutating func metatable(depth: Int) -> String {
        let entries = (0...random.below(4)).map { _ in
            let event = random.pick(Self.events)
            if event == "__mode" { return "__mode = \(random.pick(["'k'", "'v'", "'kv'", leaf()]))" }
            return "\(event) = \(random.oneIn(4) ? leaf() : function(depth: depth + 1))"
        }
        return "{ \(entries.joined(separator: ", ")) }"
    }

    // MARK: Text

    mutating func text() -> String {
        switch random.below(6) {
        case 0:
            return
                "'\(random.pick(["a", "key", "%d", "[", "{}", "[1,2", "http://127.0.0.1:1/", "2026-01-01", "%Y-%m-%d", "!%c"]))'"
        case 1: return "v[\(slot)]"
        case 2: return "tostring(v[\(slot)])"
        default:
            return Self.quoted(
                (0..<random.below(12)).map { _ in random.oneIn(3) ? random.byte() : 97 + random.byte() % 26 })
        }
    }

    mutating func noise() -> String {
        (0..<random.below(8)).map { _ in
            random.pick(["end", "do", "(", ")", "{", "\"", "[[", "--", "goto x", "::x::", "=", "local ", "~"])
        }
        .joined(separator: " ")
    }

    private static let pieces = [
        "%a", "%D", ".", "-", "*", "+", "?", "[", "]", "[^", "^", "$", "%b()", "%bxx", "%f[%w]", "%f", "(", ")", "()",
        "%1", "%2", "%",
        "a", "x", "\\0", "%z", "a-z", "[%]]", ".-", "(.*)",
    ]

    mutating func pattern() -> String {
        "'" + (0...random.below(8)).map { _ in random.pick(Self.pieces) }.joined() + "'"
    }

    /// A Lua string of any bytes.
    static func quoted(_ bytes: [UInt8]) -> String {
        "\""
            + bytes.map { byte in
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
                case 0x20...0x7E: String(Unicode.Scalar(byte))
                default: "\\" + String(repeating: "0", count: byte < 10 ? 2 : byte < 100 ? 1 : 0) + "\(byte)"
                }
            }.joined() + "\""
    }
}
