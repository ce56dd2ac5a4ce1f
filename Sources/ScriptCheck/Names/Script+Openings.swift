// What must be known before the rules begin: functions in which an error may be wanted, tables that may hold more than is seen.

extension Script {
    /// Functions that are given to `pcall` and its like, and those within them. Where it is not seen which ones are given, it
    /// may be every one that stands in a table or in a call.
    static func findGuarded(_ syntax: Syntax, _ knowledge: Knowledge, _ origins: [ExpressionID?]) -> [Bool] {
        var isGuarded = [Bool](repeating: false, count: syntax.functions.count)
        var handedOn: [FunctionID] = []
        var isUnseen = false
        func note(_ id: ExpressionID) {
            if case .function(let function) = syntax[syntax.bare(id)].kind { handedOn.append(function) }
        }
        for expression in syntax.expressions {
            switch expression.kind {
            case .call(let callee, let arguments):
                let items = syntax.items(arguments)
                guard isGuard(callee, syntax, knowledge), let first = items.first else {
                    items.forEach(note)
                    continue
                }
                var id = syntax.bare(first)
                if case .name(_, .local(let variable)) = syntax[id].kind, let origin = origins[Int(variable)] {
                    id = origin
                }
                switch syntax[id].kind {
                case .function(let function): isGuarded[Int(function)] = true
                case .name(_, .local): isUnseen = true
                default: break
                }
            case .method(_, _, let arguments): syntax.items(arguments).forEach(note)
            case .table(let list): for field in syntax.fields[list.range] { note(field.value) }
            default: continue
            }
        }
        if isUnseen { for function in handedOn { isGuarded[Int(function)] = true } }
        for (index, function) in syntax.functions.enumerated() where function.parent >= 0 {
            isGuarded[index] = isGuarded[index] || isGuarded[Int(function.parent)]
        }
        return isGuarded
    }

    private static func isGuard(_ callee: ExpressionID, _ syntax: Syntax, _ knowledge: Knowledge) -> Bool {
        let guards = knowledge.catalogue.api.guards
        if let name = knowledge.functionName(callee) { return guards.contains(name) }
        guard let path = path(callee, syntax) else { return false }
        return guards.contains(path)
    }

    /// `assert.has.error`, where that is how it is written.
    private static func path(_ id: ExpressionID, _ syntax: Syntax) -> String? {
        var fields: [String] = []
        var id = id
        while case .index(let object, let key) = syntax[id].kind {
            guard let field = syntax.string(key) else { return nil }
            fields.append(syntax.symbols.text(field))
            id = object
        }
        guard !fields.isEmpty, case .name(let name, .global) = syntax[id].kind else { return nil }
        return ([syntax.symbols.text(name)] + fields.reversed()).joined(separator: ".")
    }

    /// Functions of Lua that leave a table as it is.
    private static let harmless: Set<String> = [
        "assert", "getmetatable", "ipairs", "next", "pairs", "print", "rawequal", "rawget", "rawlen", "select",
        "tostring",
        "type",
    ]

    static func findOpen(_ syntax: Syntax, _ knowledge: Knowledge) -> (modules: Set<Int32>, classes: Set<Int32>) {
        var open: Set<Int32> = [], classes: Set<Int32> = []
        func leaves(_ id: ExpressionID) {
            if case .module(let module) = knowledge.known(id) { open.insert(module) }
        }
        for expression in syntax.expressions {
            switch expression.kind {
            case .call(let callee, let arguments):
                if let name = knowledge.functionName(callee), harmless.contains(name) { continue }
                syntax.items(arguments).forEach(leaves)
            case .method(_, _, let arguments): syntax.items(arguments).forEach(leaves)
            case .table(let fields): for field in syntax.fields[fields.range] { leaves(field.value) }
            default: continue
            }
        }
        for statement in syntax.statements {
            switch statement.kind {
            case .return(let values): syntax.items(values).forEach(leaves)
            case .assign(let targets, let values):
                syntax.items(values).forEach(leaves)
                for target in syntax.items(targets) {
                    guard case .index(let object, let key) = syntax[target].kind, syntax.string(key) == nil else {
                        continue
                    }
                    leaves(object)
                    if case .instance(let number) = knowledge.known(object) { classes.insert(number) }
                }
            default: continue
            }
        }
        return (open, classes)
    }
}
