// Expressions of a script as compact values: each stands in `Syntax.expressions`, after all that it is made of, and names
// its parts by their numbers. So whoever looks at all of them goes over the array once, with no recursion.

typealias ExpressionID = Int32
typealias FunctionID = Int32
typealias VariableID = Int32

/// A stretch of one of the arrays of `Syntax`.
struct List: Sendable {
    var start: Int32
    var count: Int32
    static let empty = List(start: 0, count: 0)
    var isEmpty: Bool { count == 0 }
    var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

struct Expression: Sendable {
    enum Kind: Sendable {
        case `nil`
        case boolean(Bool)
        case integer(Int64)
        case number(Double)
        case string(Symbol)
        case vararg
        case function(FunctionID)
        case name(Symbol, Place)
        /// `object[key]`; for `object.name` the key is a string.
        case index(object: ExpressionID, key: ExpressionID)
        case call(ExpressionID, List)
        /// `object:name(…)`; the key is a string.
        case method(object: ExpressionID, key: ExpressionID, List)
        case binary(BinaryOperator, ExpressionID, ExpressionID)
        case unary(UnaryOperator, ExpressionID)
        case parenthesized(ExpressionID)
        /// The list is one of `Syntax.fields`.
        case table(List)
    }

    /// What a name stands for.
    enum Place: Sendable {
        case local(VariableID)
        case global
        /// A field of a table that the script has put in the place of its globals (`local _ENV`).
        case ownEnvironment
    }

    var kind: Kind
    /// Byte offset in the text. Of a call, an index or an operation that of its first part.
    var start: Int32
    /// Where the sign stands that makes it what it is: the operator, the bracket of a call.
    var mark: Int32
    /// The function in whose body it stands.
    var function: FunctionID
}

enum BinaryOperator: UInt8, Sendable {
    case add, subtract, multiply, divide, floorDivide, remainder, power
    case bitAnd, bitOr, bitXor, shiftLeft, shiftRight
    case concatenate, equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, and, or

    init?(_ kind: TokenKind) {
        switch kind {
        case .plus: self = .add
        case .minus: self = .subtract
        case .star: self = .multiply
        case .slash: self = .divide
        case .doubleSlash: self = .floorDivide
        case .percent: self = .remainder
        case .caret: self = .power
        case .ampersand: self = .bitAnd
        case .pipe: self = .bitOr
        case .tilde: self = .bitXor
        case .shiftLeft: self = .shiftLeft
        case .shiftRight: self = .shiftRight
        case .concatenation: self = .concatenate
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        case .and: self = .and
        case .or: self = .or
        default: return nil
        }
    }

    /// How strongly it binds what stands on its left and on its right, as in Lua's own parser.
    var priority: (left: Int, right: Int) {
        switch self {
        case .add, .subtract: (10, 10)
        case .multiply, .divide, .floorDivide, .remainder: (11, 11)
        case .power: (14, 13)
        case .bitAnd: (6, 6)
        case .bitXor: (5, 5)
        case .bitOr: (4, 4)
        case .shiftLeft, .shiftRight: (7, 7)
        case .concatenate: (9, 8)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: (3, 3)
        case .and: (2, 2)
        case .or: (1, 1)
        }
    }
}

enum UnaryOperator: UInt8, Sendable {
    case not, negate, length, bitNot
    static let priority = 12

    init?(_ kind: TokenKind) {
        switch kind {
        case .not: self = .not
        case .minus: self = .negate
        case .hash: self = .length
        case .tilde: self = .bitNot
        default: return nil
        }
    }
}

/// One field of a table constructor; without a key it is the next of the list.
struct TableField: Sendable {
    var key: ExpressionID?
    var value: ExpressionID
}
