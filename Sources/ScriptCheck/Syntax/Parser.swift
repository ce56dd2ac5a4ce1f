// The grammar of Lua 5.4 by recursive descent, with scopes resolved on the way as Lua's own parser does. Statements,
// expressions, scopes and labels have files of their own.
//
// It takes time in proportion to the text. Recursion is bounded as Lua's is: what is nested deeper than that is a mistake
// of its own. A wrong word ends the parsing, as what follows would be guesswork; mistakes that leave the structure whole
// (a goto without its label) are collected.

struct Parser {
    /// Lua allows 200 C calls one within the other (LUAI_MAXCCALLS), and has made a few before it begins to parse: what is
    /// refused here is surely refused by Lua. So deep, a build for debugging takes less than 2 MB of stack, another less
    /// than 1 MB.
    static let deepest = 200

    var lexer: Lexer
    var token = Token(kind: .endOfText, start: 0, end: 0, line: 1)
    var ahead: Token?
    /// Where the last word that was taken ends.
    private var end: Int32 = 0
    var syntax: Syntax
    var faults: [SyntaxFault] = []
    private var depth = 0

    // What is in scope; see Parser+Scopes.swift.
    var functions: [FunctionState] = []
    var blocks: [BlockState] = []
    var active: [VariableID] = []
    var innermost: [VariableID] = []
    let environment: Symbol

    private init(_ bytes: [UInt8]) {
        lexer = Lexer(bytes)
        environment = lexer.symbols.symbol(ArraySlice("_ENV".utf8))
        syntax = Syntax(symbols: lexer.symbols)
    }

    /// Reads a script.
    ///
    /// - Returns: what it is made of, and every mistake that was found. It is whole if `isComplete`.
    static func parse(_ bytes: [UInt8]) -> (syntax: Syntax, faults: [SyntaxFault], isComplete: Bool) {
        var parser = Parser(bytes)
        var isComplete = true
        do throws(SyntaxFault) { try parser.parseScript() } catch {
            parser.faults.append(error)
            isComplete = false
        }
        parser.syntax.symbols = parser.lexer.symbols
        return (parser.syntax, parser.faults, isComplete)
    }

    private mutating func parseScript() throws(SyntaxFault) {
        guard lexer.bytes.count < Int(Int32.max) else {
            throw SyntaxFault(code: .syntaxError, offset: 0, message: "the text is larger than 2 GB")
        }
        try advance()
        openFunction(at: 0)
        functions[0].isVararg = true
        syntax.functions[0].isVararg = true
        let block = try parseBlock()
        if token.kind != .endOfText { throw unexpected("the end of the script") }
        closeFunction(block)
    }

    // MARK: Words

    mutating func advance() throws(SyntaxFault) {
        end = token.end
        if let next = ahead {
            (token, ahead) = (next, nil)
        } else {
            token = try lexer.next()
        }
    }

    mutating func peek() throws(SyntaxFault) -> TokenKind {
        if let ahead { return ahead.kind }
        let next = try lexer.next()
        ahead = next
        return next.kind
    }

    /// Whether the word is there; then it is taken.
    mutating func takes(_ kind: TokenKind) throws(SyntaxFault) -> Bool {
        guard token.kind == kind else { return false }
        try advance()
        return true
    }

    mutating func expect(_ kind: TokenKind, _ shown: String) throws(SyntaxFault) {
        guard try takes(kind) else { throw unexpected(shown) }
    }

    /// The word that closes what another one opened.
    mutating func expect(_ kind: TokenKind, _ shown: String, closing opener: String, _ opening: Token)
        throws(SyntaxFault)
    {
        if token.kind == kind { return try advance() }
        if token.line == opening.line { throw unexpected(shown) }
        throw unexpected("\(shown) to close '\(opener)' of line \(opening.line)")
    }

    mutating func expectName() throws(SyntaxFault) -> (symbol: Symbol, start: Int32) {
        guard token.kind == .name else { throw unexpected("a name") }
        let name = (token.symbol, token.start)
        try advance()
        return name
    }

    // MARK: Depth

    mutating func enter() throws(SyntaxFault) {
        depth += 1
        if depth >= Self.deepest {
            throw SyntaxFault(
                code: .nestedTooDeeply, offset: token.start,
                message: "this is nested more than \(Self.deepest) levels deep, which Lua refuses")
        }
    }

    mutating func leave(_ levels: Int = 1) { depth -= levels }

    // MARK: What is made

    mutating func add(_ kind: Expression.Kind, _ start: Int32, mark: Int32? = nil) -> ExpressionID {
        let function = functions[functions.count - 1].id
        syntax.expressions.append(Expression(kind: kind, start: start, mark: mark ?? start, function: function))
        return ExpressionID(syntax.expressions.count - 1)
    }

    mutating func add(_ kind: Statement.Kind, _ start: Int32) -> StatementID {
        let function = functions[functions.count - 1].id
        syntax.statements.append(Statement(kind: kind, start: start, end: end, function: function))
        return StatementID(syntax.statements.count - 1)
    }

    mutating func list(_ items: [ExpressionID]) -> List {
        defer { syntax.lists += items }
        return List(start: Int32(syntax.lists.count), count: Int32(items.count))
    }

    mutating func list(_ items: [VariableID], variables: Void) -> List {
        defer { syntax.variableLists += items }
        return List(start: Int32(syntax.variableLists.count), count: Int32(items.count))
    }

    mutating func report(_ code: DiagnosticCode, _ offset: Int32, _ message: String) {
        faults.append(SyntaxFault(code: code, offset: offset, message: message))
    }
}
