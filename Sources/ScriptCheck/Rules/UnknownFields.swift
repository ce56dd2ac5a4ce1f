// Fields and methods that a link, an error, a reply, money, a file or a text does not have.

enum UnknownFields {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for (index, expression) in script.syntax.expressions.enumerated() {
            switch expression.kind {
            case .index(let object, let key) where !script.globals.targets.contains(ExpressionID(index)):
                checkField(object, key, expression, script, &findings)
            case .method(let object, let key, _): checkMethod(object, key, expression, script, &findings)
            default: continue
            }
        }
    }

    private static func checkField(
        _ object: ExpressionID, _ key: ExpressionID, _ expression: Expression, _ script: Script,
        _ findings: inout [Finding]
    ) {
        guard case .instance(let number) = script.knowledge.known(object), !script.openClasses.contains(number),
            let name = unassigned(key, script)
        else { return }
        let className = script.catalogue.classes[Int(number)], text = script.text(name)
        guard let description = script.catalogue.api.classes[className], description.isStrict,
            !description.fields.contains(text), !script.catalogue.hasMethod(number, text)
        else { return }
        let near = Suggestion.text(for: text, among: script.catalogue.names(number))
        add("\(shown(className)) has no field '\(text)'\(near)", key, expression, script, &findings)
    }

    private static func checkMethod(
        _ object: ExpressionID, _ key: ExpressionID, _ expression: Expression, _ script: Script,
        _ findings: inout [Finding]
    ) {
        guard let name = unassigned(key, script) else { return }
        let text = script.text(name)
        switch script.knowledge.known(object) {
        case .instance(let number) where !script.openClasses.contains(number):
            let className = script.catalogue.classes[Int(number)]
            guard let description = script.catalogue.api.classes[className], !script.catalogue.hasMethod(number, text)
            else {
                return
            }
            if description.fields.contains(text) {
                guard description.isStrict else { return }  // the methods of a file
                return add(
                    "'\(text)' of \(shown(className)) is a field, not a method: read it with '.'", key, expression,
                    script,
                    &findings)
            }
            let near = Suggestion.text(for: text, among: script.catalogue.names(number))
            add("\(shown(className)) has no method '\(text)'\(near)", key, expression, script, &findings)
        case .string:
            guard let library = script.catalogue.api.modules["string"], !library.members.contains(text),
                case .module(let number) = script.catalogue.global("string"), !script.openModules.contains(number)
            else { return }
            let near = Suggestion.text(for: text, among: library.members)
            add("a string has no method '\(text)'\(near)", key, expression, script, &findings)
        default: return
        }
    }

    /// A name that the script never puts into a table itself.
    private static func unassigned(_ key: ExpressionID, _ script: Script) -> Symbol? {
        script.syntax.string(key).flatMap { script.globals.assignedFields.contains($0) ? nil : $0 }
    }

    private static func add(
        _ message: String, _ key: ExpressionID, _ expression: Expression, _ script: Script, _ findings: inout [Finding]
    ) {
        findings.append(
            Finding(
                severity: script.severity(in: expression.function), code: .unknownField, offset: script[key].start,
                message: message))
    }

    /// As the runtime names it.
    private static func shown(_ name: String) -> String {
        switch name {
        case "link": "a pay link"
        case "error": "an error"
        case "handle": "a task"
        case "writer": "a csv writer"
        case "money", "secret": name == "money" ? "money" : "a secret"
        default: "a \(name)"
        }
    }
}
