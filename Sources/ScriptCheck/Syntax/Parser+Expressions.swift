// Expressions.

extension Parser {
    /// An expression whose value is read.
    mutating func parseRead() throws(SyntaxFault) -> ExpressionID {
        let id = try parseExpression(0)
        countRead(id)
        return id
    }

    mutating func parseReadList() throws(SyntaxFault) -> [ExpressionID] {
        var items = [try parseRead()]
        while try takes(.comma) { items.append(try parseRead()) }
        return items
    }

    private mutating func parseExpression(_ limit: Int) throws(SyntaxFault) -> ExpressionID {
        try enter()
        let start = token.start
        var left: ExpressionID
        if let operation = UnaryOperator(token.kind) {
            try advance()
            let operand = try parseExpression(UnaryOperator.priority)
            countRead(operand)
            left = add(.unary(operation, operand), start)
        } else {
            left = try parseSimple()
        }
        while let operation = BinaryOperator(token.kind), operation.priority.left > limit {
            let mark = token.start
            try advance()
            let right = try parseExpression(operation.priority.right)
            countRead(left)
            countRead(right)
            left = add(.binary(operation, left, right), start, mark: mark)
        }
        leave()
        return left
    }

    private mutating func parseSimple() throws(SyntaxFault) -> ExpressionID {
        let word = token
        let kind: Expression.Kind
        switch word.kind {
        case .nil: kind = .nil
        case .true: kind = .boolean(true)
        case .false: kind = .boolean(false)
        case .integer: kind = .integer(word.integer)
        case .number: kind = .number(word.number)
        case .string: kind = .string(word.symbol)
        case .ellipsis:
            if !functions[functions.count - 1].isVararg {
                report(.varargOutsideFunction, word.start, "'...' can only be used in a function that takes '...'")
            }
            kind = .vararg
        case .openBrace: return try parseTable()
        case .function:
            try advance()
            return add(.function(try parseFunctionBody(word, isMethod: false)), word.start)
        default: return try parseSuffixed()
        }
        try advance()
        return add(kind, word.start)
    }

    /// A name or an expression in parentheses, and what is taken of it: fields, calls.
    mutating func parseSuffixed() throws(SyntaxFault) -> ExpressionID {
        let opening = token
        var id: ExpressionID
        switch opening.kind {
        case .name:
            try advance()
            id = reference(opening.symbol, at: opening.start)
        case .openParenthesis:
            try advance()
            let inner = try parseRead()
            try expect(.closeParenthesis, "')'", closing: "(", opening)
            id = add(.parenthesized(inner), opening.start)
        default: throw unexpected("an expression")
        }
        while true {
            let mark = token.start
            switch token.kind {
            case .dot:
                try advance()
                let name = try expectName()
                countRead(id)
                let key = add(.string(name.symbol), name.start)
                id = add(.index(object: id, key: key), opening.start, mark: mark)
            case .openBracket:
                let bracket = token
                try advance()
                let key = try parseRead()
                try expect(.closeBracket, "']'", closing: "[", bracket)
                countRead(id)
                id = add(.index(object: id, key: key), opening.start, mark: mark)
            case .colon:
                try advance()
                let name = try expectName()
                countRead(id)
                let key = add(.string(name.symbol), name.start)
                let arguments = try parseArguments()
                id = add(.method(object: id, key: key, arguments), opening.start, mark: mark)
            case .openParenthesis, .string, .openBrace:
                countRead(id)
                let arguments = try parseArguments()
                id = add(.call(id, arguments), opening.start, mark: mark)
            default: return id
            }
        }
    }

    private mutating func parseArguments() throws(SyntaxFault) -> List {
        let opening = token
        switch opening.kind {
        case .string:
            try advance()
            return list([add(.string(opening.symbol), opening.start)])
        case .openBrace:
            return list([try parseTable()])
        case .openParenthesis:
            try advance()
            let arguments = token.kind == .closeParenthesis ? [] : try parseReadList()
            try expect(.closeParenthesis, "')'", closing: "(", opening)
            return list(arguments)
        default: throw unexpected("the call's arguments")
        }
    }

    private mutating func parseTable() throws(SyntaxFault) -> ExpressionID {
        let opening = token
        var fields: [TableField] = []
        try advance()
        while token.kind != .closeBrace {
            let start = token
            if start.kind == .name, try peek() == .assign {
                let key = add(.string(start.symbol), start.start)
                try advance()
                try advance()
                fields.append(TableField(key: key, value: try parseRead()))
            } else if start.kind == .openBracket {
                try advance()
                let key = try parseRead()
                try expect(.closeBracket, "']'", closing: "[", start)
                try expect(.assign, "'='")
                fields.append(TableField(key: key, value: try parseRead()))
            } else {
                fields.append(TableField(key: nil, value: try parseRead()))
            }
            guard token.kind == .comma || token.kind == .semicolon else { break }
            try advance()
        }
        try expect(.closeBrace, "'}'", closing: "{", opening)
        let range = List(start: Int32(syntax.fields.count), count: Int32(fields.count))
        syntax.fields += fields
        return add(.table(range), opening.start)
    }

    /// Parameters and body; the word `function` and a name before them have been read.
    mutating func parseFunctionBody(_ opening: Token, isMethod: Bool) throws(SyntaxFault) -> FunctionID {
        openFunction(at: opening.start)
        let id = functions[functions.count - 1].id
        syntax.functions[Int(id)].definedLine = token.line
        var parameters: [VariableID] = []
        if isMethod {
            let me = makeVariable(lexer.symbols.symbol(ArraySlice("self".utf8)), .parameter, at: opening.start)
            activate(me)
            parameters.append(me)
        }
        try expect(.openParenthesis, "'(' and the parameters")
        if token.kind != .closeParenthesis {
            repeat {
                if try takes(.ellipsis) {
                    functions[functions.count - 1].isVararg = true
                    syntax.functions[Int(id)].isVararg = true
                    break
                }
                guard token.kind == .name else { throw unexpected("a parameter's name or '...'") }
                let name = try expectName()
                let parameter = makeVariable(name.symbol, .parameter, at: name.start)
                parameters.append(parameter)
                activate(parameter)
            } while try takes(.comma)
        }
        try expect(.closeParenthesis, "')'")
        syntax.functions[Int(id)].parameters = list(parameters, variables: ())
        let block = try parseBlock()
        try expect(.end, "'end'", closing: "function", opening)
        closeFunction(block)
        return id
    }
}
