// Facts of a script for whoever runs it: what it requires, whether it is for `paylink watch`.

/// What a script does that others ask about.
enum FactFinder {
    static func facts(_ script: Script, _ text: [UInt8]) -> ScriptFacts {
        var facts = ScriptFacts()
        facts.assignedGlobals = Set(script.globals.assigned.map(script.text))
        facts.assignedFields = Set(script.globals.assignedFields.map(script.text))
        facts.definesMore = script.globals.isOpen
        var required: [(offset: Int32, name: String, isGuarded: Bool)] = []
        var followUps: [Int32] = []
        for expression in script.syntax.expressions {
            guard case .call(let callee, let arguments) = expression.kind,
                let name = script.knowledge.functionName(callee)
            else { continue }
            let items = script.syntax.items(arguments)
            let isGuarded = script.isGuarded[Int(expression.function)]
            switch name {
            case "paylink.on": followUps.append(expression.start)
            case "require":
                guard let first = items.first, let module = script.syntax.string(first) else { continue }
                required.append((script[first].start, script.text(module), isGuarded))
            case "pcall":
                guard items.count > 1, let first = items.first, script.knowledge.functionName(first) == "require",
                    let module = script.syntax.string(items[items.startIndex + 1])
                else { continue }
                required.append((script[items[items.startIndex + 1]].start, script.text(module), true))
            default: continue
            }
        }
        var places = PlaceFinder(text)
        facts.followUps = followUps.sorted().map { places.place($0).line }
        places = PlaceFinder(text)
        facts.requires = required.sorted { $0.offset < $1.offset }.map {
            let place = places.place($0.offset)
            return ScriptFacts.RequiredModule(
                name: $0.name, line: place.line, column: place.column, isGuarded: $0.isGuarded)
        }
        return facts
    }
}
