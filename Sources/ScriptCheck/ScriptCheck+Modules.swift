// A script together with the files that it requires: the caller says what a module's name stands for.

extension ScriptCheck {
    /// What the caller finds under a module's name.
    package enum Module: Sendable {
        /// The text of its file.
        case text([UInt8])
        /// A module that is there and is no file of the script: one of the API, a library.
        case present
        /// There is none; with where it was looked for, as in "lib/orders.lua".
        case missing(String)
    }

    /// Checks one file, knowing what the files do that it requires, directly or through others.
    ///
    /// - Parameters:
    ///   - text: the file's bytes.
    ///   - module: what a name in `require` stands for; asked once for each name.
    package func callAsFunction(_ text: [UInt8], module: (String) -> Module) -> Result {
        let api = catalogue.api
        var surroundings = ScriptSurroundings()
        let own = self.facts(text)
        var seen: Set<String> = []
        var missing: [String: String] = [:]
        var waiting = own.requires.map(\.name)
        while let name = waiting.popLast() {
            guard seen.insert(name).inserted, api.modules[name] == nil, !api.globals.contains(name) else { continue }
            switch module(name) {
            case .present: continue
            case .missing(let place): missing[name] = place
            case .text(let text):
                let facts = self.facts(text)
                surroundings.add(facts)
                waiting += facts.requires.map(\.name)
            }
        }
        var result = self(text, surroundings: surroundings)
        for required in result.facts.requires {
            guard let place = missing[required.name] else { continue }
            result.diagnostics.append(
                Diagnostic(
                    severity: required.isGuarded ? .warning : .error, code: .missingModule, line: required.line,
                    column: required.column, message: "module '\(required.name)' not found: looked for \(place)"))
        }
        result.diagnostics.sort { ($0.line, $0.column) < ($1.line, $1.column) }
        return result
    }
}
