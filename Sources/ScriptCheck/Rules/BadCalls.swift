// Calls of what is no function: nil, a number, a text, a table without metatable.

enum BadCalls {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for expression in script.syntax.expressions {
            guard case .call(let callee, _) = expression.kind else { continue }
            let known = script.exact(callee)
            switch known {
            case .nil, .boolean, .integer, .number, .string: break
            case .table:
                // A table that a variable holds may have got a metatable.
                guard case .table = script[script.syntax.bare(callee)].kind else { continue }
            case .module: break
            default: continue
            }
            if let member = missingMember(callee, script) {
                findings.append(
                    Finding(
                        severity: script.severity(in: expression.function), code: .unknownMember,
                        offset: member.offset, message: member.message))
                continue
            }
            let shown =
                if case .module(let number) = known { "'\(script.catalogue.modules[Int(number)])' is a table: it" } else
                {
                    known.shown
                }
            findings.append(
                Finding(
                    severity: script.severity(in: expression.function), code: .badCall, offset: expression.mark,
                    message: "\(shown) cannot be called"))
        }
    }

    /// A member that a library of Lua does not have; where it is named, and what is said of it.
    private static func missingMember(_ callee: ExpressionID, _ script: Script) -> (offset: Int32, message: String)? {
        guard script.exact(callee) == .nil, let origin = script.origin(callee),
            case .index(let object, let key) = script[origin].kind,
            case .module(let number) = script.knowledge.known(object),
            let symbol = script.syntax.string(key)
        else { return nil }
        let module = script.catalogue.modules[Int(number)], name = script.text(symbol)
        let near = Suggestion.text(for: name, among: script.catalogue.api.modules[module]?.members ?? [])
        let isHere = origin == script.syntax.bare(callee)
        return (script[isHere ? key : callee].start, "\(module).\(name) does not exist\(near)")
    }
}
