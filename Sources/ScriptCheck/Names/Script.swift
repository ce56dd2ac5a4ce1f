// All that the rules look at: a script, and what is known of its values.

/// A mistake as a rule finds it; its place is a byte offset.
struct Finding {
    var severity: Diagnostic.Severity
    var code: DiagnosticCode
    var offset: Int32
    var message: String
}

struct Script {
    let syntax: Syntax
    let catalogue: Catalogue
    let globals: GlobalUse
    let knowledge: Knowledge
    /// By function: whether it is called by `pcall`, so that an error in it may be wanted.
    let isGuarded: [Bool]
    /// Modules that go where others may put more into them.
    let openModules: Set<Int32>
    /// Classes of which some value gets fields with computed names.
    let openClasses: Set<Int32>
    /// By variable: the one expression that gives it its value.
    private let origins: [ExpressionID?]
    /// Variables that stay nil.
    private let isAlwaysNil: [Bool]

    init(_ syntax: Syntax, _ catalogue: Catalogue, _ surroundings: ScriptSurroundings) {
        self.syntax = syntax
        self.catalogue = catalogue
        globals = GlobalUse(syntax, surroundings)
        knowledge = Knowledge(syntax, catalogue, globals)

        var origins = [ExpressionID?](repeating: nil, count: syntax.variables.count)
        var isNil = [Bool](repeating: false, count: syntax.variables.count)
        for assignment in syntax.assignments where !assignment.isLoop {
            let variable = syntax.variables[Int(assignment.variable)]
            guard variable.writes == 0, variable.kind == .local || variable.kind == .localFunction else { continue }
            if assignment.value == nil { isNil[Int(assignment.variable)] = true }
            if assignment.result == 0 { origins[Int(assignment.variable)] = assignment.value }
        }
        (self.origins, isAlwaysNil) = (origins, isNil)
        (openModules, openClasses) = Self.findOpen(syntax, knowledge)
        isGuarded = Self.findGuarded(syntax, knowledge, origins)
    }

    subscript(_ id: ExpressionID) -> Expression { syntax[id] }

    func text(_ symbol: Symbol) -> String { syntax.symbols.text(symbol) }

    /// An error, unless the script has said that it goes on after one.
    func severity(in function: FunctionID) -> Diagnostic.Severity { isGuarded[Int(function)] ? .warning : .error }

    // MARK: Values that are sure

    /// The expression that a value surely comes from: through parentheses and variables that are assigned once.
    func origin(_ id: ExpressionID) -> ExpressionID? {
        var id = syntax.bare(id)
        while case .name(_, .local(let variable)) = syntax[id].kind {
            guard let next = origins[Int(variable)] else { return nil }
            id = syntax.bare(next)
        }
        return id
    }

    /// What an expression surely is; `unknown` if there is any doubt.
    func exact(_ id: ExpressionID) -> Known {
        guard let origin = origin(id) else {
            if case .name(_, .local(let variable)) = syntax[syntax.bare(id)].kind, isAlwaysNil[Int(variable)] {
                return .nil
            }
            return .unknown
        }
        let known = knowledge.known(origin)
        switch syntax[origin].kind {
        case .nil, .boolean, .integer, .number, .string, .table, .function: return known
        case .unary(.not, _), .binary(.equal, _, _), .binary(.notEqual, _, _): return .boolean
        case .unary(.negate, let operand):
            switch syntax[syntax.bare(operand)].kind {
            case .integer: return .integer
            case .number: return .number
            default: return .unknown
            }
        case .name(_, .global), .index, .call:
            switch known {
            case .module, .callable: return known
            case .nil: return isMissingMember(origin) ? .nil : .unknown
            default: return .unknown
            }
        default: return .unknown
        }
    }

    /// Whether it is a member that a library of Lua does not have, nor anybody gives it.
    private func isMissingMember(_ id: ExpressionID) -> Bool {
        guard case .index(let object, _) = syntax[id].kind, case .module(let module) = knowledge.known(object) else {
            return false
        }
        return !openModules.contains(module)
    }

    func isNumber(_ known: Known) -> Bool { known == .integer || known == .number }
}
