// Names that a module of the API or a library of Lua does not have.

enum UnknownMembers {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for (index, expression) in script.syntax.expressions.enumerated() {
            let object: ExpressionID, key: ExpressionID
            switch expression.kind {
            case .index(let o, let k): (object, key) = (o, k)
            case .method(let o, let k, _): (object, key) = (o, k)
            default: continue
            }
            guard case .module(let number) = script.knowledge.known(object), let name = script.syntax.string(key),
                !script.globals.targets.contains(ExpressionID(index)), !script.globals.assignedFields.contains(name)
            else { continue }
            check(script.text(name), key, script.catalogue.modules[Int(number)], expression, number, script, &findings)
        }
    }

    private static func check(
        _ name: String, _ key: ExpressionID, _ moduleName: String, _ expression: Expression, _ number: Int32,
        _ script: Script, _ findings: inout [Finding]
    ) {
        guard let module = script.catalogue.api.modules[moduleName], !module.members.contains(name) else { return }
        let severity = script.openModules.contains(number) ? .warning : script.severity(in: expression.function)
        if let reason = module.refused[name] {
            findings.append(
                Finding(
                    severity: severity, code: .unavailableName, offset: script[key].start,
                    message: "\(moduleName).\(name) is not available to scripts: \(reason)"))
            return
        }
        // A library of Lua gives nil, which may be asked for; a call of that is told by BadCalls.
        if !module.isStrict, case .index = expression.kind { return }
        let near = Suggestion.text(for: name, among: module.members)
        findings.append(
            Finding(
                severity: severity, code: .unknownMember, offset: script[key].start,
                message: "\(moduleName).\(name) does not exist\(near)"))
    }
}
