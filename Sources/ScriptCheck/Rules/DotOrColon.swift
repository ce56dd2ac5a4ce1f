// A function called with ':' that takes no table before its arguments, and a method called with '.'.

enum DotOrColon {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for expression in script.syntax.expressions {
            switch expression.kind {
            case .method(let object, let key, let arguments):
                checkColon(object, key, arguments, expression, script, &findings)
            case .call(let callee, let arguments):
                guard let name = script.knowledge.functionName(callee), name.contains(":") else { continue }
                let isCertain = arguments.isEmpty
                let first = script.syntax.items(arguments).first
                guard isCertain || first.map({ script.exact($0) == .table }) == true else { continue }
                findings.append(
                    Finding(
                        severity: isCertain ? script.severity(in: expression.function) : .warning, code: .dotOrColon,
                        offset: expression.mark, message: "'\(method(name))' is a method: call it as \(name)(…)"))
            default: continue
            }
        }
    }

    /// Functions of Lua that do not mind a table before their arguments.
    private static let takesTables: Set = ["clock", "flush", "max", "min", "tointeger", "type"]

    private static func checkColon(
        _ object: ExpressionID, _ key: ExpressionID, _ arguments: List, _ expression: Expression, _ script: Script,
        _ findings: inout [Finding]
    ) {
        guard case .module(let number) = script.knowledge.known(object), let symbol = script.syntax.string(key),
            !script.globals.assignedFields.contains(symbol)
        else { return }
        let module = script.catalogue.modules[Int(number)], name = script.text(symbol)
        guard let description = script.catalogue.api.modules[module], description.members.contains(name) else { return }
        let full = module + "." + name
        let certain: Bool
        if let function = script.catalogue.api.functions[full], !function.takesAnything {
            // The module itself would be the first argument, or the table of options.
            certain =
                function.takesOptionsAlone || function.parameters.first.map { !$0.rule.type.accepts(.table) } ?? false
        } else {
            certain = ["string", "math", "utf8", "os", "io"].contains(module) && !takesTables.contains(name)
        }
        findings.append(
            Finding(
                severity: certain ? script.severity(in: expression.function) : .warning, code: .dotOrColon,
                offset: script[key].start,
                message: "'\(name)' is a function of \(module), not a method: call it as \(full)(…)"))
    }

    private static func method(_ name: String) -> Substring {
        name[name.index(after: name.firstIndex(of: ":") ?? name.startIndex)...]
    }
}
