// Operations on values that cannot have them: what is no number in arithmetic, what has no order in a comparison.

enum BadOperands {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for expression in script.syntax.expressions {
            let problem: String?
            switch expression.kind {
            case .binary(let operation, let left, let right): problem = binary(operation, left, right, script)
            case .unary(let operation, let operand): problem = unary(operation, operand, script)
            case .index(let object, _), .method(let object, _, _): problem = index(object, script)
            default: problem = nil
            }
            guard let problem else { continue }
            findings.append(
                Finding(
                    severity: script.severity(in: expression.function), code: code(expression.kind),
                    offset: expression.mark, message: problem))
        }
    }

    private static func code(_ kind: Expression.Kind) -> DiagnosticCode {
        switch kind {
        case .index, .method: .badIndex
        default: .badOperand
        }
    }

    private static func binary(
        _ operation: BinaryOperator, _ left: ExpressionID, _ right: ExpressionID, _ script: Script
    ) -> String? {
        let operands = [left, right].map { (id: $0, known: script.exact($0)) }
        switch operation {
        case .add, .subtract, .multiply, .divide, .floorDivide, .remainder, .power:
            // Of two plain values; a table may have metamethods, and so may what is not known.
            guard let bad = operands.first(where: { !isNumeral($0.id, $0.known, script) && isPlain($0.known) }),
                operands.allSatisfy({ isPlain($0.known) })
            else { return nil }
            return "arithmetic on \(bad.known.shown)\(bad.known == .string ? " that is no number" : "") fails"
        case .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight:
            guard let bad = operands.first(where: { isNothingToJoin($0.known) }),
                operands.allSatisfy({ isPlain($0.known) })
            else { return nil }
            return "a bitwise operation on \(bad.known.shown) fails"
        case .concatenate:
            guard let bad = operands.first(where: { isNothingToJoin($0.known) }),
                operands.allSatisfy({ isPlain($0.known) })
            else { return nil }
            return "joining \(bad.known.shown) to a text fails: use tostring"
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard operands.allSatisfy({ isPlain($0.known) }) else { return nil }
            let kinds = operands.map { script.isNumber($0.known) ? Known.number : $0.known }
            if kinds[0] == kinds[1], kinds[0] == .number || kinds[0] == .string { return nil }
            return "\(operands[0].known.shown) cannot be compared with \(operands[1].known.shown)"
        case .equal, .notEqual, .and, .or: return nil
        }
    }

    private static func unary(_ operation: UnaryOperator, _ operand: ExpressionID, _ script: Script) -> String? {
        let known = script.exact(operand)
        switch operation {
        case .not: return nil
        case .negate:
            guard isPlain(known), !isNumeral(operand, known, script) else { return nil }
            return "arithmetic on \(known.shown)\(known == .string ? " that is no number" : "") fails"
        case .bitNot:
            return isNothingToJoin(known) ? "a bitwise operation on \(known.shown) fails" : nil
        case .length:
            guard isPlain(known), known != .string else { return nil }
            return "\(known.shown) has no length"
        }
    }

    /// Taking a field of nothing. A function of Lua may be a table that can be called where another library replaces it,
    /// as tests do with `assert`.
    private static func index(_ object: ExpressionID, _ script: Script) -> String? {
        let known = script.exact(object)
        if case .callable = known { return nil }
        guard isPlain(known), known != .string else { return nil }
        return "\(known.shown) has no fields"
    }

    /// What is neither a number nor a text.
    private static func isNothingToJoin(_ known: Known) -> Bool {
        switch known {
        case .nil, .boolean, .function, .callable: true
        default: false
        }
    }

    /// Whether there is no metamethod: for a text only those of strings, which are those of numbers.
    private static func isPlain(_ known: Known) -> Bool {
        switch known {
        case .nil, .boolean, .integer, .number, .string, .function, .callable: true
        default: false
        }
    }

    /// A number, or a text that arithmetic takes for one. Of texts only those without any digit are surely none.
    static func isNumeral(_ id: ExpressionID, _ known: Known, _ script: Script) -> Bool {
        if script.isNumber(known) { return true }
        guard known == .string, let origin = script.origin(id), let symbol = script.syntax.string(origin) else {
            return false
        }
        return script.syntax.symbols.bytes(symbol).contains { Lexer.hexDigit($0) != nil }
    }
}
