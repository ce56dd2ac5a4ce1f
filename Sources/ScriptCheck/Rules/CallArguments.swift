// Calls of the API whose arguments the runtime refuses: too few, or of a wrong type. Options have a file of their own.

enum CallArguments {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for (index, expression) in script.syntax.expressions.enumerated() {
            let id = ExpressionID(index)
            switch expression.kind {
            case .call(let callee, let list):
                guard case .callable(let number) = script.knowledge.known(callee),
                    let function = script.catalogue.function(number), !function.takesAnything
                else { continue }
                var arguments = script.syntax.items(list)
                // link.wait(link, …): the first is what a method call takes from before the colon.
                if function.name.contains(":") { arguments = arguments.dropFirst() }
                var call = CallCheck(script, function, expression, arguments)
                call.isMethodCalledPlainly = function.name.contains(":")
                call.check(&findings)
            case .method(_, _, let list):
                guard let function = script.knowledge.method(id) else { continue }
                var call = CallCheck(script, function, expression, script.syntax.items(list))
                call.check(&findings)
            default: continue
            }
        }
    }
}

/// One call.
struct CallCheck {
    let script: Script
    let function: APIDescription.Function
    let expression: Expression
    let arguments: ArraySlice<ExpressionID>
    let severity: Diagnostic.Severity
    var isMethodCalledPlainly = false

    init(
        _ script: Script, _ function: APIDescription.Function, _ expression: Expression,
        _ arguments: ArraySlice<ExpressionID>
    ) {
        (self.script, self.function, self.expression, self.arguments) = (script, function, expression, arguments)
        severity = script.severity(in: expression.function)
    }

    var name: String { function.name }

    mutating func check(_ findings: inout [Finding]) {
        if function.takesOptionsAlone { return checkOptionsAlone(&findings) }
        let isOpenEnded = arguments.last.map(script.syntax.isOpenEnded) ?? false
        for (position, parameter) in function.parameters.enumerated() where parameter.name != "..." {
            guard position < arguments.count else {
                if !isOpenEnded, !isMethodCalledPlainly, parameter.rule.isRequired,
                    !parameter.rule.isAnything
                {
                    add(
                        .missingArgument, expression.mark,
                        "\(name): argument \(position + 1) (\(parameter.name)) is missing: it must be \(parameter.rule.wanted)",
                        &findings)
                }
                continue
            }
            let argument = arguments[arguments.startIndex + position]
            if position == arguments.count - 1, isOpenEnded, script.syntax.isOpenEnded(argument) { continue }
            checkArgument(argument, parameter, position, &findings)
        }
        checkExtra(&findings)
    }

    private func checkArgument(
        _ argument: ExpressionID, _ parameter: APIDescription.Parameter, _ position: Int, _ findings: inout [Finding]
    ) {
        let known = script.exact(argument)
        if known == .nil, !parameter.rule.isRequired || parameter.rule.isAnything { return }
        let subject = "argument \(position + 1) (\(parameter.name))"
        guard parameter.rule.accepts(known) else {
            return add(
                .wrongType, script[argument].start,
                "\(name): \(subject) must be \(parameter.rule.wanted), not \(known.shown)",
                &findings)
        }
        checkContent(argument, parameter.rule, subject, &findings)
        guard parameter.isOptions, let fields = table(argument) else { return }
        checkOptions(fields, isWhole: isWritten(argument), &findings)
    }

    /// Whether the table is written out in the call itself.
    private func isWritten(_ argument: ExpressionID) -> Bool {
        if case .table = script[script.syntax.bare(argument)].kind { true } else { false }
    }

    private func checkExtra(_ findings: inout [Finding]) {
        guard !function.isVariadic, !isMethodCalledPlainly, arguments.count > function.parameters.count else { return }
        let extra = arguments[arguments.startIndex + function.parameters.count]
        let count = function.parameters.count
        let takes = count == 0 ? "no argument" : count == 1 ? "one argument" : "at most \(count) arguments"
        findings.append(
            Finding(
                severity: .warning, code: .extraArgument, offset: script[extra].start,
                message: "\(name) takes \(takes): this one is ignored"))
    }

    // MARK: Options

    private func checkOptionsAlone(_ findings: inout [Finding]) {
        guard let first = arguments.first else {
            return add(
                .missingArgument, expression.mark, "\(name): takes one table of options, as in \(name){…}", &findings)
        }
        let known = script.exact(first)
        if known != .unknown, known != .table, known != .nothing {
            return add(
                .wrongType, script[first].start,
                "\(name): takes one table of options, as in \(name){…}, not \(known.shown)", &findings)
        }
        if let fields = table(first) { checkOptions(fields, isWhole: isWritten(first), &findings) }
    }

    /// The fields of a table that is written here, or in the one place that gives the variable its value.
    func table(_ id: ExpressionID) -> ArraySlice<TableField>? {
        guard let origin = script.origin(id), case .table(let list) = script[origin].kind else { return nil }
        return script.syntax.fields[list.range]
    }

    func add(_ code: DiagnosticCode, _ offset: Int32, _ message: String, _ findings: inout [Finding]) {
        findings.append(Finding(severity: severity, code: code, offset: offset, message: message))
    }

    /// What the call survives, by giving `nil, err`.
    func warn(_ code: DiagnosticCode, _ offset: Int32, _ message: String, _ findings: inout [Finding]) {
        findings.append(Finding(severity: .warning, code: code, offset: offset, message: message))
    }
}
