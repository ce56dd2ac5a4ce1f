// Globals that nobody has made: reading one raises, as does making one inside a function.

enum UndeclaredNames {
    /// A script with more of them has another problem than a typing error.
    private static let mostSuggestions = 200
    /// How many names are compared: so many locals before the place, so many globals of the script.
    private static let mostLocals = 300, mostGlobals = 2000

    static func check(_ script: Script, _ findings: inout [Finding]) {
        guard !script.syntax.changesEnvironment else { return }
        var suggestions = 0
        let names = script.catalogue.api.globalNames.union(script.globals.assigned.prefix(mostGlobals).map(script.text))
        for (index, expression) in script.syntax.expressions.enumerated() {
            let id = ExpressionID(index)
            guard let (name, offset) = global(id, expression, script) else { continue }
            if script.globals.isAssigned(name), !script.globals.targets.contains(id) { continue }
            let text = script.text(name)
            guard !script.catalogue.api.globalNames.contains(text) else { continue }
            suggestions += 1
            let near =
                suggestions > mostSuggestions
                ? "" : suggestion(text, names, at: offset, in: expression.function, script)
            if script.globals.targets.contains(id) {
                guard expression.function != 0, !script.globals.declared.contains(name) else { continue }
                findings.append(
                    Finding(
                        severity: .warning, code: .undeclaredAssignment, offset: offset,
                        message:
                            "assignment to the undeclared variable '\(text)'\(near) in a function: declare it with 'local', or first at the top of the script"
                    ))
            } else if script.catalogue.api.probes[text] == nil {
                findings.append(
                    Finding(
                        severity: script.globals.isOpen ? .warning : script.severity(in: expression.function),
                        code: .undeclaredName, offset: offset, message: "undeclared variable '\(text)'\(near)"))
            }
        }
    }

    /// The global that the expression names, and where: `name`, or `_G.name`.
    private static func global(_ id: ExpressionID, _ expression: Expression, _ script: Script) -> (Symbol, Int32)? {
        switch expression.kind {
        case .name(let name, .global): return (name, expression.start)
        case .index(let object, let key):
            guard GlobalUse.isGlobalTable(object, script.syntax), let name = script.syntax.string(key) else {
                return nil
            }
            return (name, script[key].start)
        default: return nil
        }
    }

    /// A near name: of a global, or of a local variable that may be meant.
    private static func suggestion(
        _ text: String, _ names: Set<String>, at offset: Int32, in function: FunctionID, _ script: Script
    ) -> String {
        var around: Set<FunctionID> = []
        var level = function
        while level >= 0 {
            around.insert(level)
            level = script.syntax.functions[Int(level)].parent
        }
        let locals = script.syntax.variables.reversed().lazy
            .filter { $0.start < offset && around.contains($0.function) }.prefix(mostLocals).map {
                script.text($0.name)
            }
        return Suggestion.text(for: text, among: names.union(locals).subtracting([text]))
    }
}
