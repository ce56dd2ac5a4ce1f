// The check itself: a script's text in, mistakes and facts out. Nothing is run, no file is opened.

/// What is wrong with a script, and what it does that others ask about.
///
///     let check = ScriptCheck(api: try APIDescription(parsing: text))
///     for mistake in check(bytes).diagnostics { print("\(mistake.line):\(mistake.column): \(mistake.message)") }
package struct ScriptCheck: Sendable {
    package struct Result: Sendable {
        /// In the order of their places.
        package var diagnostics: [Diagnostic] = []
        package var facts = ScriptFacts()
        package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
    }

    let catalogue: Catalogue

    /// - Parameter api: what a script finds.
    package init(api: APIDescription) { catalogue = Catalogue(api) }

    /// Checks one file.
    ///
    /// - Parameters:
    ///   - text: the file's bytes; they need not be UTF-8.
    ///   - surroundings: what the files do that this one requires, from their facts.
    package func callAsFunction(_ text: [UInt8], surroundings: ScriptSurroundings = ScriptSurroundings()) -> Result {
        let (syntax, faults, isComplete) = Parser.parse(text)
        var findings = faults.map {
            Finding(severity: .error, code: $0.code, offset: $0.offset, message: $0.message)
        }
        var result = Result()
        // Of half a script nothing is sure: what it uses may be declared in the other half.
        if isComplete {
            let script = Script(syntax, catalogue, surroundings)
            for rule in Rules.all { rule(script, &findings) }
            result.facts = FactFinder.facts(script, text)
        }
        result.diagnostics = Self.placed(findings, in: text)
        return result
    }

    /// What a script does, without looking for mistakes.
    package func facts(_ text: [UInt8]) -> ScriptFacts {
        let (syntax, _, isComplete) = Parser.parse(text)
        return isComplete ? FactFinder.facts(Script(syntax, catalogue, ScriptSurroundings()), text) : ScriptFacts()
    }

    private static func placed(_ findings: [Finding], in text: [UInt8]) -> [Diagnostic] {
        let sorted = findings.enumerated().sorted { ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset) }
        var places = PlaceFinder(text)
        return sorted.map { _, finding in
            let (line, column) = places.place(finding.offset)
            return Diagnostic(
                severity: finding.severity, code: finding.code, line: line, column: column, message: finding.message)
        }
    }
}
