// Loops that fail before their first round: over a table without pairs or ipairs, with limits that are no numbers.

enum BadLoops {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        for statement in script.syntax.statements {
            switch statement.kind {
            case .genericFor(_, let iterator, _): checkIterator(iterator, statement, script, &findings)
            case .numericFor(_, let limits, _): checkLimits(limits, statement, script, &findings)
            default: continue
            }
        }
    }

    private static func checkIterator(
        _ iterator: List, _ statement: Statement, _ script: Script, _ findings: inout [Finding]
    ) {
        guard let first = script.syntax.items(iterator).first else { return }
        let known = script.exact(first)
        let message: String
        switch known {
        case .table:
            guard case .table = script[script.syntax.bare(first)].kind else { return }
            message = "'for … in' takes an iterator, not a table: use ipairs or pairs"
        case .nil, .boolean, .integer, .number, .string: message = "'for … in' takes an iterator, not \(known.shown)"
        case .callable:
            guard let name = script.knowledge.functionName(first), name == "pairs" || name == "ipairs",
                iterator.count == 1
            else { return }
            // It does not fail: it never ends.
            findings.append(
                Finding(
                    severity: .warning, code: .badLoop, offset: script[first].start,
                    message: "'for … in' takes what \(name) gives: call it, as in \(name)(list)"))
            return
        default: return
        }
        add(message, script[first].start, statement, script, &findings)
    }

    private static func checkLimits(
        _ limits: List, _ statement: Statement, _ script: Script, _ findings: inout [Finding]
    ) {
        for (position, limit) in script.syntax.items(limits).enumerated() {
            let known = script.exact(limit)
            switch known {
            case .unknown, .nothing, .instance, .number: continue
            case .string where BadOperands.isNumeral(limit, known, script): continue
            case .integer:
                guard position == 2, case .integer(0) = script[script.syntax.bare(limit)].kind else { continue }
                add("the step of a 'for' must not be zero", script[limit].start, statement, script, &findings)
            default:
                let what = ["first value", "last value", "step"][min(position, 2)]
                add(
                    "the \(what) of a 'for' must be a number, not \(known.shown)", script[limit].start, statement,
                    script, &findings)
            }
        }
    }

    private static func add(
        _ message: String, _ offset: Int32, _ statement: Statement, _ script: Script, _ findings: inout [Finding]
    ) {
        findings.append(
            Finding(
                severity: script.severity(in: statement.function), code: .badLoop, offset: offset, message: message))
    }
}
