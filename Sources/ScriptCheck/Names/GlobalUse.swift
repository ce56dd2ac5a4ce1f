// How a script uses its globals: which it assigns, where it may make more than can be seen.

struct GlobalUse {
    /// Globals and fields that are assigned somewhere.
    private(set) var assigned: Set<Symbol> = []
    private(set) var assignedFields: Set<Symbol> = []
    /// Globals that are assigned by the script itself, outside of every function.
    private(set) var declared: Set<Symbol> = []
    /// Expressions that are assigned to, not read.
    private(set) var targets: Set<ExpressionID> = []
    /// Whether globals may be made that nobody can see here: by `load`, by `_G[name]`, by a module with a computed name.
    private(set) var isOpen: Bool

    private let elsewhere: ScriptSurroundings

    init(_ syntax: Syntax, _ surroundings: ScriptSurroundings) {
        elsewhere = surroundings
        isOpen = surroundings.definesMore || syntax.changesEnvironment
        for statement in syntax.statements {
            switch statement.kind {
            case .assign(let list, _): for target in syntax.items(list) { add(target, statement, syntax) }
            case .function(let target, _): add(target, statement, syntax)
            default: continue
            }
        }
        for name in surroundings.assignedGlobals {
            if let symbol = syntax.symbols.existing(name) { assigned.insert(symbol) }
        }
        for name in surroundings.assignedFields {
            if let symbol = syntax.symbols.existing(name) { assignedFields.insert(symbol) }
        }
        lookForOpenings(syntax)
    }

    /// Whether the script, or a file that it requires, gives the global another value.
    func isAssigned(_ name: Symbol) -> Bool { assigned.contains(name) }

    private mutating func add(_ target: ExpressionID, _ statement: Statement, _ syntax: Syntax) {
        targets.insert(target)
        switch syntax[target].kind {
        case .name(let name, .global):
            assigned.insert(name)
            if statement.function == 0 { declared.insert(name) }
        case .index(let object, let key):
            guard let name = syntax.string(key) else { return }
            assignedFields.insert(name)
            if Self.isGlobalTable(object, syntax) {
                assigned.insert(name)
                if statement.function == 0 { declared.insert(name) }
            }
        default: return
        }
    }

    /// `_G`, where that is the table of globals.
    static func isGlobalTable(_ id: ExpressionID, _ syntax: Syntax) -> Bool {
        guard case .name(let name, .global) = syntax[id].kind else { return false }
        return syntax.symbols.text(name) == "_G"
    }

    private mutating func lookForOpenings(_ syntax: Syntax) {
        let load = syntax.symbols.existing("load"), require = syntax.symbols.existing("require")
        let table = syntax.symbols.existing("_G"), rawget = syntax.symbols.existing("rawget")
        let rawset = syntax.symbols.existing("rawset")
        var harmless: Set<ExpressionID> = []
        for expression in syntax.expressions {
            switch expression.kind {
            case .index(let object, let key):
                if syntax.string(key) != nil { harmless.insert(object) }
            case .call(let callee, let arguments):
                guard case .name(let name, .global) = syntax[callee].kind, let first = syntax.items(arguments).first
                else {
                    continue
                }
                if name == require, syntax.string(first) != nil { harmless.insert(callee) }
                if name == rawget { harmless.insert(first) }
                if name == rawset, let key = syntax.items(arguments).dropFirst().first, let field = syntax.string(key) {
                    assignedFields.insert(field)
                    if Self.isGlobalTable(first, syntax) {
                        assigned.insert(field)
                        harmless.insert(first)
                    }
                }
            case .name(let name, .global) where name == load: isOpen = true
            default: continue
            }
        }
        for (index, expression) in syntax.expressions.enumerated() {
            guard case .name(let name, .global) = expression.kind, name == table || name == require else { continue }
            if !harmless.contains(ExpressionID(index)), !targets.contains(ExpressionID(index)) { isOpen = true }
        }
    }
}
