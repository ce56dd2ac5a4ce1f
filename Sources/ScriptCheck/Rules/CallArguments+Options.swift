// Options that are written out where the API is called.

extension CallCheck {
    /// `isWhole`: the table is written in the call itself, so that what is not in it is missing.
    func checkOptions(_ fields: ArraySlice<TableField>, isWhole: Bool, _ findings: inout [Finding]) {
        var given: [String: ExpressionID] = [:]
        var isOpen = false
        for field in fields {
            guard let key = field.key else {
                checkListed(field, &findings)
                continue
            }
            guard let symbol = script.syntax.string(key) else {
                isOpen = true
                continue
            }
            // A table that a variable holds may be changed before the call.
            if !isWhole, script.globals.assignedFields.contains(symbol) { continue }
            let text = script.text(symbol), known = script.exact(field.value)
            guard let option = function.option(text) else {
                let near = Suggestion.text(for: text, among: function.options.map(\.name))
                let message = "\(name): unknown option '\(text)'\(near)"
                if known == .nil {
                    warn(.unknownOption, script[key].start, message, &findings)
                } else {
                    add(.unknownOption, script[key].start, message, &findings)
                }
                continue
            }
            given[text] = field.value
            if known == .nil { continue }
            checkOption(option, field.value, known, &findings)
        }
        checkConflicts(given, &findings)
        guard isWhole, !isOpen else { return }
        for option in function.options where option.rule.isRequired {
            guard given[option.name].map({ script.exact($0) == .nil }) ?? true else { continue }
            add(.missingOption, expression.mark, "\(name): option '\(option.name)' is missing", &findings)
        }
    }

    /// An element without a name, whose key is a number. The runtime takes that for the name of an option, too, as long as
    /// the value is of its type, and then looks at it no more.
    private func checkListed(_ field: TableField, _ findings: inout [Finding]) {
        guard isSure(script.exact(field.value)) else { return }
        warn(
            .unknownOption, script[field.value].start,
            "\(name): an option needs a name, as in \(function.options[0].name) = …", &findings)
    }

    /// Whether there surely is a value.
    private func isSure(_ known: Known) -> Bool { known != .nil && known != .unknown && known != .nothing }

    private func checkOption(
        _ option: APIDescription.Option, _ value: ExpressionID, _ known: Known, _ findings: inout [Finding]
    ) {
        let subject = "option '\(option.name)'"
        guard option.rule.accepts(known) else {
            return add(
                .wrongType, script[value].start,
                "\(name): \(subject) must be \(option.rule.wanted), not \(known.shown)",
                &findings)
        }
        checkContent(value, option.rule, subject, &findings)
        if option.rule.isNamed, let fields = table(value) {
            checkFields(fields, option.rule.fields, subject, &findings)
        }
        if !option.rule.itemFields.isEmpty, let items = table(value) {
            for item in items where item.key == nil {
                guard let fields = table(item.value) else { continue }
                checkFields(fields, option.rule.itemFields, subject, &findings)
            }
        }
    }

    private func checkFields(
        _ fields: ArraySlice<TableField>, _ names: [String], _ subject: String, _ findings: inout [Finding]
    ) {
        for field in fields {
            let known = script.exact(field.value)
            guard let key = field.key else {
                guard isSure(known) else { continue }
                add(.unknownOption, script[field.value].start, "\(name): \(subject) takes names with values", &findings)
                continue
            }
            guard let symbol = script.syntax.string(key), known != .nil, !names.isEmpty else { continue }
            let text = script.text(symbol)
            guard !names.contains(text) else { continue }
            let near = Suggestion.text(for: text, among: names)
            add(.unknownOption, script[key].start, "\(name): \(subject) has no '\(text)'\(near)", &findings)
        }
    }

    private func checkConflicts(_ given: [String: ExpressionID], _ findings: inout [Finding]) {
        for conflict in function.conflicts {
            let both = conflict.filter { name in
                guard let value = given[name] else { return false }
                return isSure(script.exact(value))
            }
            guard both.count > 1, let second = given[both[1]] else { continue }
            add(
                .conflictingOptions, script[second].start,
                "\(name): give '\(both[0])' or '\(both[1])', not both", &findings)
        }
    }

    // MARK: Content

    /// A value whose type is right and whose content the runtime refuses.
    func checkContent(_ id: ExpressionID, _ rule: APIDescription.Rule, _ subject: String, _ findings: inout [Finding]) {
        if rule.isNotEmpty, case .table(let list) = script[script.syntax.bare(id)].kind, list.isEmpty {
            add(.wrongValue, script[id].start, "\(name): \(subject) is empty", &findings)
        }
        guard let literal = literal(id) else { return }
        let offset = script[id].start
        func tell(_ code: DiagnosticCode, _ problem: String, raises: Bool) {
            if raises {
                add(code, offset, "\(name): \(subject) \(problem)", &findings)
            } else {
                warn(code, offset, "\(name): \(subject) \(problem); the call gives nil and an error", &findings)
            }
        }
        switch (rule.type, literal) {
        case (.duration, .text(let symbol)):
            let bytes = Array(script.syntax.symbols.bytes(symbol))
            guard let seconds = DurationForm.seconds(bytes) else {
                return tell(
                    .malformedDuration,
                    "is no duration: \"\(shown(symbol))\"; use a form like \"90s\", \"15m\", \"2h30m\" or \"7d\", or a number of seconds",
                    raises: rule.raises)
            }
            if rule.isAboveZero, seconds == 0 { tell(.malformedDuration, "must be above zero", raises: rule.raises) }
        case (.duration, .number(let value)):
            // Where a time may be meant (`since`), a number may be a time.
            let isTime = subject.hasSuffix("since'") || subject.hasSuffix("before'")
            if value < 0 || !isTime && !DurationForm.isDuration(seconds: value) {
                tell(
                    .malformedDuration, "is no duration: it must be between 0 seconds and ten years",
                    raises: rule.raises && !isTime)
            } else if rule.isAboveZero, value == 0 {
                tell(.malformedDuration, "must be above zero", raises: rule.raises)
            }
        case (.amount, .text(let symbol)):
            let bytes = Array(script.syntax.symbols.bytes(symbol))
            guard let problem = AmountForm.problem(bytes) else { return }
            tell(.malformedAmount, "\(problem): \"\(shown(symbol))\"; write it as in \"12.50\"", raises: rule.raises)
        case (.amount, .number(let value)):
            guard let problem = AmountForm.problem(value) else { return }
            tell(.malformedAmount, "\(problem): write the amount as a string, such as \"12.50\"", raises: rule.raises)
        case (.string, .text(let symbol)) where !rule.texts.isEmpty:
            let text = script.text(symbol)
            guard !rule.texts.contains(text) else { return }
            let known = rule.texts.map { $0 == "\t" ? "\"\\t\"" : "\"\($0)\"" }
            let list = known.dropLast().joined(separator: ", ") + " or " + (known.last ?? "")
            let near = Suggestion.text(for: text, among: rule.texts)
            tell(.wrongValue, "must be \(list), not \"\(shown(symbol))\"\(near)", raises: rule.raises)
        case (.integer, .number(let value)):
            guard let least = rule.least else { return }
            let isWithin = value >= Double(least) && (rule.most.map { value <= Double($0) } ?? true)
            if isWithin { return }
            let range = rule.most.map { "between \(least) and \($0)" } ?? "at least \(least)"
            tell(
                .wrongValue, "must be \(range), not \(Int64(exactly: value).map(String.init) ?? "\(value)")",
                raises: true)
        default: return
        }
    }

    private enum Literal {
        case text(Symbol)
        case number(Double)
    }

    private func literal(_ id: ExpressionID) -> Literal? {
        guard let origin = script.origin(id) else { return nil }
        switch script[origin].kind {
        case .string(let symbol): return .text(symbol)
        case .integer(let value): return .number(Double(value))
        case .number(let value): return .number(value)
        case .unary(.negate, let operand):
            switch script[script.syntax.bare(operand)].kind {
            case .integer(let value): return .number(-Double(value))
            case .number(let value): return .number(-value)
            default: return nil
            }
        default: return nil
        }
    }

    /// A text of the script, on one line and not too long.
    private func shown(_ symbol: Symbol) -> String {
        let text = script.text(symbol).prefix(40)
        return String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }
}
