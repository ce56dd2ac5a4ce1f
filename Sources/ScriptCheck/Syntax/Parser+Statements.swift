// Statements and blocks.

extension Parser {
    func endsBlock(withUntil: Bool = true) -> Bool {
        switch token.kind {
        case .else, .elseif, .end, .endOfText: true
        case .until: withUntil
        default: false
        }
    }

    /// The statements of a block that is open already.
    mutating func parseBlock() throws(SyntaxFault) -> BlockID {
        var list: [StatementID] = []
        while !endsBlock() {
            let isReturn = token.kind == .return
            try parseStatement(into: &list)
            if isReturn { break }
        }
        let statements = List(start: Int32(syntax.statementLists.count), count: Int32(list.count))
        syntax.statementLists += list
        syntax.blocks.append(Block(statements: statements))
        return BlockID(syntax.blocks.count - 1)
    }

    /// A block with a scope of its own.
    private mutating func parseScopedBlock(isLoop: Bool = false) throws(SyntaxFault) -> BlockID {
        openBlock(isLoop: isLoop)
        let block = try parseBlock()
        closeBlock()
        return block
    }

    mutating func parseStatement(into list: inout [StatementID]) throws(SyntaxFault) {
        try enter()
        let opening = token
        switch token.kind {
        case .semicolon:
            try advance()
        case .doubleColon: try parseLabel(into: &list)
        case .if: list.append(try parseIf(opening))
        case .while: list.append(try parseWhile(opening))
        case .do: list.append(try parseDo(opening))
        case .for: list.append(try parseFor(opening))
        case .repeat: list.append(try parseRepeat(opening))
        case .function: list.append(try parseFunctionStatement(opening))
        case .local:
            try advance()
            list.append(
                try token.kind == .function ? parseLocalFunction(opening) : parseLocal(opening))
        case .return: list.append(try parseReturn())
        case .break: list.append(try parseBreak())
        case .goto: list.append(try parseGoto())
        default: list.append(try parseExpressionStatement())
        }
        leave()
    }

    private mutating func parseWhile(_ opening: Token) throws(SyntaxFault) -> StatementID {
        try advance()
        let condition = try parseRead()
        try expect(.do, "'do'")
        let block = try parseScopedBlock(isLoop: true)
        try expect(.end, "'end'", closing: "while", opening)
        return add(.while(condition, block), opening.start)
    }

    private mutating func parseDo(_ opening: Token) throws(SyntaxFault) -> StatementID {
        try advance()
        let block = try parseScopedBlock()
        try expect(.end, "'end'", closing: "do", opening)
        return add(.do(block), opening.start)
    }

    private mutating func parseRepeat(_ opening: Token) throws(SyntaxFault) -> StatementID {
        try advance()
        openBlock(isLoop: true)
        openBlock(isLoop: false)
        let block = try parseBlock()
        try expect(.until, "'until'", closing: "repeat", opening)
        let condition = try parseRead()  // sees the block's variables
        closeBlock()
        closeBlock()
        return add(.repeat(block, until: condition), opening.start)
    }

    private mutating func parseIf(_ opening: Token) throws(SyntaxFault) -> StatementID {
        var conditions: [ExpressionID] = []
        var parts: [BlockID] = []
        var hasElse = false
        repeat {
            try advance()
            conditions.append(try parseRead())
            try expect(.then, "'then'")
            parts.append(try parseScopedBlock())
        } while token.kind == .elseif
        if try takes(.else) {
            hasElse = true
            parts.append(try parseScopedBlock())
        }
        try expect(.end, "'end'", closing: "if", opening)
        let blocks = List(start: Int32(syntax.blockLists.count), count: Int32(parts.count))
        syntax.blockLists += parts
        return add(.if(conditions: list(conditions), blocks: blocks, hasElse: hasElse), opening.start)
    }

    // MARK: for

    private mutating func parseFor(_ opening: Token) throws(SyntaxFault) -> StatementID {
        try advance()
        let first = try expectName()
        openBlock(isLoop: true)
        defer { closeBlock() }
        switch token.kind {
        case .assign: return try parseNumericFor(opening, first)
        case .comma, .in: return try parseGenericFor(opening, first)
        default: throw unexpected("'=', ',' or 'in'")
        }
    }

    private mutating func parseNumericFor(_ opening: Token, _ name: (symbol: Symbol, start: Int32)) throws(SyntaxFault)
        -> StatementID
    {
        try advance()
        var limits = [try parseRead()]
        try expect(.comma, "',' and the last value")
        limits.append(try parseRead())
        if try takes(.comma) { limits.append(try parseRead()) }
        let limitList = list(limits)
        activateHidden(3, at: opening.start)
        try expect(.do, "'do'")
        openBlock(isLoop: false)
        let variable = makeVariable(name.symbol, .loop, at: name.start)
        activate(variable)
        let block = try parseBlock()
        closeBlock()
        try expect(.end, "'end'", closing: "for", opening)
        return add(.numericFor(variable, limits: limitList, block), opening.start)
    }

    private mutating func parseGenericFor(_ opening: Token, _ first: (symbol: Symbol, start: Int32)) throws(SyntaxFault)
        -> StatementID
    {
        var names = [first]
        while try takes(.comma) { names.append(try expectName()) }
        try expect(.in, "'in'")
        let iterator = try parseReadList()
        let iteratorList = list(iterator)
        activateHidden(4, at: opening.start)
        try expect(.do, "'do'")
        openBlock(isLoop: false)
        var variables: [VariableID] = []
        for (position, name) in names.enumerated() {
            let variable = makeVariable(name.symbol, .loop, at: name.start)
            variables.append(variable)
            syntax.assignments.append(
                Assignment(variable: variable, value: iterator[0], result: Int32(position), isLoop: true))
        }
        for variable in variables { activate(variable) }
        let block = try parseBlock()
        closeBlock()
        try expect(.end, "'end'", closing: "for", opening)
        return add(
            .genericFor(variables: list(variables, variables: ()), iterator: iteratorList, block), opening.start)
    }

    // MARK: Functions and variables

    private mutating func parseFunctionStatement(_ opening: Token) throws(SyntaxFault) -> StatementID {
        try advance()
        let name = try expectName()
        var target = reference(name.symbol, at: name.start)
        var isMethod = false
        while token.kind == .dot || token.kind == .colon {
            isMethod = token.kind == .colon
            let mark = token.start
            try advance()
            let field = try expectName()
            let key = add(.string(field.symbol), field.start)
            countRead(target)
            target = add(.index(object: target, key: key), name.start, mark: mark)
            if isMethod { break }
        }
        countWrite(target)
        let function = try parseFunctionBody(opening, isMethod: isMethod)
        syntax.functions[Int(function)].definedLine = opening.line
        if case .name(_, .local(let variable)) = syntax[target].kind {
            let value = add(.function(function), opening.start)
            syntax.assignments.append(Assignment(variable: variable, value: value, result: 0))
        }
        return add(.function(target: target, function), opening.start)
    }

    private mutating func parseLocalFunction(_ opening: Token) throws(SyntaxFault) -> StatementID {
        let keyword = token
        try advance()
        let name = try expectName()
        let variable = makeVariable(name.symbol, .localFunction, at: name.start)
        activate(variable)
        let function = try parseFunctionBody(keyword, isMethod: false)
        let value = add(.function(function), keyword.start)
        syntax.assignments.append(Assignment(variable: variable, value: value, result: 0))
        return add(.localFunction(variable, function), opening.start)
    }

    private mutating func parseLocal(_ opening: Token) throws(SyntaxFault) -> StatementID {
        var variables: [VariableID] = []
        var toClose: VariableID?
        repeat {
            let name = try expectName()
            let variable = makeVariable(name.symbol, .local, at: name.start)
            variables.append(variable)
            guard try takes(.less) else { continue }
            let attribute = try expectName()
            switch lexer.symbols.text(attribute.symbol) {
            case "const": syntax.variables[Int(variable)].attribute = .constant
            case "close":
                if toClose != nil {
                    report(.unknownAttribute, attribute.start, "only one variable of a 'local' can be <close>")
                }
                toClose = variable
                syntax.variables[Int(variable)].attribute = .toBeClosed
            case let other:
                report(.unknownAttribute, attribute.start, "there is no attribute <\(other)>: use <const> or <close>")
            }
            try expect(.greater, "'>' after the attribute")
        } while try takes(.comma)
        let values = try takes(.assign) ? parseReadList() : []
        for (position, variable) in variables.enumerated() {
            syntax.variables[Int(variable)].position = Int32(position)
            syntax.variables[Int(variable)].siblings = Int32(variables.count)
            activate(variable)
        }
        assign(variables, values)
        return add(.local(variables: list(variables, variables: ()), values: list(values)), opening.start)
    }

    // MARK: Simple statements

    private mutating func parseReturn() throws(SyntaxFault) -> StatementID {
        let start = token.start
        try advance()
        let values = endsBlock() || token.kind == .semicolon ? [] : try parseReadList()
        _ = try takes(.semicolon)
        if !endsBlock() { throw unexpected("the end of the block, as 'return' must be its last statement") }
        return add(.return(list(values)), start)
    }

    private mutating func parseExpressionStatement() throws(SyntaxFault) -> StatementID {
        let opening = token, start = token.start
        let first = try parseSuffixed()
        if token.kind != .assign, token.kind != .comma {
            switch syntax[first].kind {
            case .call, .method: return add(.call(first), start)
            default: throw valueAlone(first, opening)
            }
        }
        var targets = [first]
        try checkTarget(first)
        while try takes(.comma) {
            try enter()
            let target = try parseSuffixed()
            try checkTarget(target)
            targets.append(target)
        }
        leave(targets.count - 1)
        try expect(.assign, "'='")
        let values = try parseReadList()
        for target in targets { countWrite(target) }
        var variables: [VariableID] = []
        for target in targets {
            if case .name(_, .local(let variable)) = syntax[target].kind {
                variables.append(variable)
            } else {
                variables.append(-1)
            }
        }
        assign(variables, values)
        return add(.assign(targets: list(targets), values: list(values)), start)
    }

    /// Only variables and fields can be assigned to.
    private mutating func checkTarget(_ id: ExpressionID) throws(SyntaxFault) {
        switch syntax[id].kind {
        case .name, .index: return
        default:
            throw SyntaxFault(
                code: .syntaxError, offset: syntax[id].start, message: "only a variable or a field can be assigned to")
        }
    }
}
