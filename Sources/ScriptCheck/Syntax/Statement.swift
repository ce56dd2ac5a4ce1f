// Statements, blocks and variables of a script as compact values; see Expression.swift.

typealias BlockID = Int32
typealias StatementID = Int32

struct Statement: Sendable {
    enum Kind: Sendable {
        case empty
        /// Variables and the expressions that give them their values.
        case local(variables: List, values: List)
        case assign(targets: List, values: List)
        case call(ExpressionID)
        case `do`(BlockID)
        case `while`(ExpressionID, BlockID)
        case `repeat`(BlockID, until: ExpressionID)
        case numericFor(VariableID, limits: List, BlockID)
        case genericFor(variables: List, iterator: List, BlockID)
        case function(target: ExpressionID, FunctionID)
        case localFunction(VariableID, FunctionID)
        case `return`(List)
        case `break`
        case goto(Symbol)
        case label(Symbol)
        /// The blocks in order; `hasElse` says whether the last one is that of `else`.
        case `if`(conditions: List, blocks: List, hasElse: Bool)
    }

    var kind: Kind
    /// Byte offsets in the text.
    var start: Int32
    var end: Int32
    var function: FunctionID
}

/// Statements one after the other; blocks stand in `Syntax.blocks` after those within them.
struct Block: Sendable {
    /// One of `Syntax.statementLists`.
    var statements: List
}

struct Variable: Sendable {
    enum Kind: Sendable { case local, localFunction, parameter, loop }
    enum Attribute: Sendable { case none, constant, toBeClosed }

    var name: Symbol
    var kind: Kind
    var attribute: Attribute
    var start: Int32
    /// The function whose variable it is.
    var function: FunctionID
    /// The variable of the same name that it hides, until its scope ends.
    var hidden: VariableID = -1
    var reads: Int32 = 0
    /// Assignments, not counting the one that declares it.
    var writes: Int32 = 0
    /// Its place among the variables of one `local`, and how many these are.
    var position: Int32 = 0
    var siblings: Int32 = 1
}

struct FunctionBody: Sendable {
    var parent: FunctionID
    var start: Int32
    /// The line on which Lua says that it is defined; 0 for the script itself.
    var definedLine: Int32 = 0
    var parameters: List = .empty
    var isVararg = false
    var block: BlockID = -1
}

/// A value that a variable gets: the n-th result of an expression.
struct Assignment: Sendable {
    var variable: VariableID
    /// `nil`: there is nothing, so that the value is nil.
    var value: ExpressionID?
    var result: Int32
    /// Whether the expression is an iterator whose values the variable takes.
    var isLoop = false
}

struct Label: Sendable {
    var name: Symbol
    var start: Int32
    var line: Int32
    /// How many variables are active where it stands.
    var activeCount: Int
    var isUsed = false
}

/// A script as its parser leaves it.
struct Syntax: Sendable {
    var symbols: SymbolTable
    var expressions: [Expression] = []
    var statements: [Statement] = []
    var blocks: [Block] = []
    var functions: [FunctionBody] = []
    var variables: [Variable] = []
    var labels: [Label] = []
    var assignments: [Assignment] = []
    /// What lists of expressions, of fields, of variables, of statements and of blocks are stretches of.
    var lists: [ExpressionID] = []
    var fields: [TableField] = []
    var variableLists: [VariableID] = []
    var statementLists: [StatementID] = []
    var blockLists: [BlockID] = []
    /// Whether `_ENV` is named: then nothing is known of what a global is.
    var changesEnvironment = false

    subscript(_ id: ExpressionID) -> Expression { expressions[Int(id)] }

    func items(_ list: List) -> ArraySlice<ExpressionID> { lists[list.range] }

    /// The name, if the expression is a string.
    func string(_ id: ExpressionID) -> Symbol? {
        if case .string(let symbol) = self[id].kind { symbol } else { nil }
    }

    /// The expression without the parentheses around it.
    func bare(_ id: ExpressionID) -> ExpressionID {
        var id = id
        while case .parenthesized(let inner) = self[id].kind { id = inner }
        return id
    }

    /// Whether it may give any number of values.
    func isOpenEnded(_ id: ExpressionID) -> Bool {
        switch self[id].kind {
        case .call, .method, .vararg: true
        default: false
        }
    }
}
