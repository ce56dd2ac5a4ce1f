// Local variables that nothing reads. Parameters and variables of loops are there by the form; `_` says that one is not
// wanted.

enum UnusedVariables {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for statement in script.syntax.statements {
            switch statement.kind {
            case .local(let list, let values):
                let variables = script.syntax.variableLists[list.range].map { script.syntax.variables[Int($0)] }
                // Of the results of one call, one is wanted: the others' names say what they are.
                let last = Int(values.count) - 1
                let isResultRead = last >= 0 && variables.dropFirst(last).contains { $0.reads > 0 }
                for (position, variable) in variables.enumerated() {
                    if isResultRead, position >= last, variables.count > values.count { break }
                    check(variable, script, &findings)
                }
            case .localFunction(let id, _): check(script.syntax.variables[Int(id)], script, &findings)
            default: continue
            }
        }
    }

    private static func check(_ variable: Variable, _ script: Script, _ findings: inout [Finding]) {
        guard variable.reads == 0, variable.attribute != .toBeClosed else { return }
        let name = script.text(variable.name)
        guard !name.hasPrefix("_") else { return }
        let message =
            variable.kind == .localFunction
            ? "the local function '\(name)' is never used"
            : variable.writes > 0
                ? "the local variable '\(name)' is assigned to and never read"
                : "the local variable '\(name)' is never used"
        findings.append(
            Finding(severity: .warning, code: .unusedVariable, offset: variable.start, message: message))
    }
}

/// Labels that no goto names.
enum UnusedLabels {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for label in script.syntax.labels where !label.isUsed {
            findings.append(
                Finding(
                    severity: .warning, code: .unusedLabel, offset: label.start,
                    message: "no goto uses the label '\(script.text(label.name))'"))
        }
    }
}
