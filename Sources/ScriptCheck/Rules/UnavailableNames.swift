// Names that stock Lua has and scripts have not: the runtime says what to use instead.

enum UnavailableNames {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        guard !script.syntax.changesEnvironment else { return }
        let untested = untestedProbes(script)
        for expression in script.syntax.expressions {
            switch expression.kind {
            case .call(let callee, _):
                guard let name = global(callee, script), let reason = script.catalogue.api.refusedGlobals[name] else {
                    break
                }
                add(
                    "\(name) is not available to scripts: \(reason)", script[callee].start, expression, script,
                    &findings)
            default: break
            }
            guard let used = used(expression.kind), let name = global(used, script), untested.contains(name),
                let advice = script.catalogue.api.probes[name]
            else { continue }
            let more = advice.isEmpty ? "" : ": \(advice)"
            add("'\(name)' is nil in Lua 5.4\(more)", script[used].start, expression, script, &findings)
        }
    }

    private static func add(
        _ message: String, _ offset: Int32, _ expression: Expression, _ script: Script, _ findings: inout [Finding]
    ) {
        findings.append(
            Finding(
                severity: script.globals.isOpen ? .warning : script.severity(in: expression.function),
                code: .unavailableName, offset: offset, message: message))
    }

    private static func global(_ id: ExpressionID, _ script: Script) -> String? {
        guard case .name(let name, .global) = script[id].kind, !script.globals.isAssigned(name) else { return nil }
        return script.text(name)
    }

    /// The part of an expression that must not be nil.
    private static func used(_ kind: Expression.Kind) -> ExpressionID? {
        switch kind {
        case .call(let callee, _): callee
        case .index(let object, _), .method(let object, _, _): object
        default: nil
        }
    }

    /// Absent names that the script uses and never asks for first.
    private static func untestedProbes(_ script: Script) -> Set<String> {
        let probes = Set(script.catalogue.api.probes.keys.compactMap(script.syntax.symbols.existing))
        guard !probes.isEmpty else { return [] }
        var used: Set<ExpressionID> = []
        for expression in script.syntax.expressions { if let id = Self.used(expression.kind) { used.insert(id) } }
        var found: Set<String> = [], tested: Set<String> = []
        for (index, expression) in script.syntax.expressions.enumerated() {
            guard case .name(let name, .global) = expression.kind, probes.contains(name) else { continue }
            if used.contains(ExpressionID(index)) {
                found.insert(script.text(name))
            } else {
                tested.insert(script.text(name))
            }
        }
        return found.subtracting(tested)
    }
}
