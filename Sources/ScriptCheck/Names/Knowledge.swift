// What is known of every expression and every local variable of a script: found by going over the expressions, which
// stand in the order in which they are made of each other, until nothing new comes.

struct Knowledge {
    /// More than any sensible script needs. Where they do not do, nothing is believed of variables.
    private static let mostPasses = 8

    let syntax: Syntax
    let catalogue: Catalogue
    let globals: GlobalUse
    private(set) var expressions: [Known]
    private(set) var variables: [Known]
    private var members: [Member: Known] = [:]
    private var globalNames: [Symbol: Known] = [:]

    private struct Member: Hashable {
        var module: Int32
        var name: Symbol
    }

    init(_ syntax: Syntax, _ catalogue: Catalogue, _ globals: GlobalUse) {
        (self.syntax, self.catalogue, self.globals) = (syntax, catalogue, globals)
        expressions = Array(repeating: .nothing, count: syntax.expressions.count)
        variables = Array(repeating: .nothing, count: syntax.variables.count)
        var isAssigned = [Bool](repeating: false, count: variables.count)
        for assignment in syntax.assignments { isAssigned[Int(assignment.variable)] = true }
        for index in variables.indices where !isAssigned[index] || syntax.variables[index].kind == .parameter {
            variables[index] = .unknown
        }
        for _ in 0..<Self.mostPasses where pass() { return }
        for index in variables.indices { variables[index] = .unknown }
        _ = pass()
    }

    func known(_ id: ExpressionID) -> Known { expressions[Int(id)] }

    /// What the function is called, if it is one of the API or of Lua.
    func functionName(_ id: ExpressionID) -> String? {
        if case .callable(let number) = known(id) { catalogue.functions[Int(number)] } else { nil }
    }

    // MARK: Passes

    /// Whether nothing new has come of it.
    private mutating func pass() -> Bool {
        for index in expressions.indices { expressions[index] = look(ExpressionID(index)) }
        var isStable = !passCallbacks()
        var found = [Known](repeating: .nothing, count: variables.count)
        for assignment in syntax.assignments {
            let index = Int(assignment.variable)
            found[index] = found[index].joined(value(assignment))
        }
        for index in found.indices where syntax.variables[index].kind != .parameter {
            let joined = variables[index].joined(found[index])
            if joined != variables[index] { (variables[index], isStable) = (joined, false) }
        }
        return isStable
    }

    private func value(_ assignment: Assignment) -> Known {
        guard let id = assignment.value else { return .nil }
        if assignment.isLoop { return each(id, Int(assignment.result)) }
        return result(id, Int(assignment.result))
    }

    /// The n-th value, counted from 0, that an expression gives.
    func result(_ id: ExpressionID, _ n: Int) -> Known {
        if n == 0 { return known(id) }
        switch syntax[id].kind {
        case .call(let callee, let arguments):
            guard let name = functionName(callee) else { return .unknown }
            if name == "assert" { return passed(arguments, n) }
            return gives(callee, n)
        case .method(_, _, _): return methodGives(id, n)
        default: return .unknown
        }
    }

    /// The n-th value of an iterator.
    private func each(_ id: ExpressionID, _ n: Int) -> Known {
        guard case .call(let callee, let arguments) = syntax[syntax.bare(id)].kind, let name = functionName(callee)
        else {
            return .unknown
        }
        if name == "assert", let first = syntax.items(arguments).first { return each(first, n) }
        guard let each = catalogue.api.functions[name]?.each, n < each.count else { return .unknown }
        return catalogue.described(each[n])
    }

    private func passed(_ arguments: List, _ n: Int) -> Known {
        let items = syntax.items(arguments)
        if items.count == 1, let only = items.first { return result(only, n) }
        return n < items.count ? known(items[items.startIndex + n]) : .unknown
    }

    private func gives(_ callee: ExpressionID, _ n: Int) -> Known {
        guard case .callable(let number) = known(callee), let function = catalogue.function(number),
            n < function.gives.count
        else { return .unknown }
        return catalogue.described(function.gives[n])
    }

    private func methodGives(_ id: ExpressionID, _ n: Int) -> Known {
        guard let function = method(id), n < function.gives.count else { return .unknown }
        return catalogue.described(function.gives[n])
    }

    /// The function that a method call of a known value calls.
    func method(_ id: ExpressionID) -> APIDescription.Function? {
        guard case .method(let object, let key, _) = syntax[id].kind, case .instance(let number) = known(object),
            let name = syntax.string(key), !globals.assignedFields.contains(name),
            case .callable(let function) = catalogue.method(number, syntax.symbols.text(name))
        else { return nil }
        return catalogue.function(function)
    }

    /// Parameters of functions that the API calls with values of its own. Gives whether there was something new.
    private mutating func passCallbacks() -> Bool {
        var isNew = false
        for expression in syntax.expressions {
            guard case .call(let callee, let arguments) = expression.kind, case .callable(let number) = known(callee),
                let function = catalogue.function(number)
            else { continue }
            for (parameter, argument) in zip(function.parameters, syntax.items(arguments)) {
                guard !parameter.rule.callback.isEmpty, case .function(let id) = syntax[syntax.bare(argument)].kind
                else {
                    continue
                }
                let names = syntax.variableLists[syntax.functions[Int(id)].parameters.range]
                for (variable, name) in zip(names, parameter.rule.callback)
                where syntax.variables[Int(variable)].writes == 0 {
                    let described = catalogue.described(name)
                    if variables[Int(variable)] != described { (variables[Int(variable)], isNew) = (described, true) }
                }
            }
        }
        return isNew
    }

    // MARK: Expressions

    private mutating func look(_ id: ExpressionID) -> Known {
        switch syntax[id].kind {
        case .nil: .nil
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        case .string: .string
        case .function: .function
        case .table: .table
        case .vararg: .unknown
        case .name(let name, .global): global(name)
        case .name(_, .local(let variable)): variables[Int(variable)]
        case .name(_, .ownEnvironment): .unknown
        case .index(let object, let key): field(object, key)
        case .call(let callee, let arguments): call(callee, arguments)
        case .method: methodGives(id, 0)
        case .binary(let operation, let left, let right): binary(operation, known(left), known(right))
        case .unary(.not, _): .boolean
        case .unary(.negate, let operand): [.integer, .number].contains(known(operand)) ? known(operand) : .unknown
        case .unary: .unknown
        case .parenthesized(let inner): known(inner)
        }
    }

    private mutating func global(_ name: Symbol) -> Known {
        if syntax.changesEnvironment || globals.isAssigned(name) { return .unknown }
        if let known = globalNames[name] { return known }
        let known = catalogue.global(syntax.symbols.text(name))
        globalNames[name] = known
        return known
    }

    private mutating func field(_ object: ExpressionID, _ key: ExpressionID) -> Known {
        guard let name = syntax.string(key), !globals.assignedFields.contains(name) else { return .unknown }
        switch known(object) {
        case .module(let module):
            let member = Member(module: module, name: name)
            if let known = members[member] { return known }
            let known = catalogue.member(module, syntax.symbols.text(name))
            members[member] = known
            return known
        case .instance(let number): return catalogue.method(number, syntax.symbols.text(name))
        case .nothing: return .nothing
        default: return .unknown
        }
    }

    private func call(_ callee: ExpressionID, _ arguments: List) -> Known {
        guard let name = functionName(callee) else { return known(callee) == .nothing ? .nothing : .unknown }
        switch name {
        case "assert": return passed(arguments, 0)
        case "tostring", "type", "string.format": return .string
        case "require":
            guard let first = syntax.items(arguments).first, let module = syntax.string(first) else { return .unknown }
            return catalogue.module(named: syntax.symbols.text(module))
        default: return gives(callee, 0)
        }
    }

    private func binary(_ operation: BinaryOperator, _ left: Known, _ right: Known) -> Known {
        switch operation {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .boolean
        case .and, .or: left == right ? left : .unknown
        default: .unknown
        }
    }
}
