// Statements that nothing comes to: after return, break, goto, error(…), os.exit(…), or a loop without an end.

enum UnreachableCode {
    static func check(_ script: Script, _ findings: inout [Finding]) {
        // Blocks stand after those within them, so one pass knows of each whether its end is reached.
        var ends = [Bool](repeating: false, count: script.syntax.blocks.count)
        var breaks = [Bool](repeating: false, count: script.syntax.blocks.count)
        for (index, block) in script.syntax.blocks.enumerated() {
            var hasEnded = false, isTold = false
            for id in script.syntax.statementLists[block.statements.range] {
                let statement = script.syntax.statements[Int(id)]
                if case .label = statement.kind { (hasEnded, isTold) = (false, false) }
                if hasEnded, !isTold, !isHarmless(statement.kind) {
                    isTold = true
                    findings.append(
                        Finding(
                            severity: .warning, code: .unreachableCode, offset: statement.start,
                            message: "nothing comes to this statement"))
                }
                if mayBreak(statement.kind, breaks, script) { breaks[index] = true }
                if neverGoesOn(statement.kind, ends, breaks, script) { hasEnded = true }
            }
            ends[index] = hasEnded
        }
    }

    /// A local function without effect, or a break that only ends a branch for the reader's eye.
    private static func isHarmless(_ kind: Statement.Kind) -> Bool {
        switch kind {
        case .break, .return, .empty: true
        default: false
        }
    }

    private static func neverGoesOn(
        _ kind: Statement.Kind, _ ends: [Bool], _ breaks: [Bool], _ script: Script
    ) -> Bool {
        switch kind {
        case .return, .break, .goto: return true
        case .call(let id):
            guard case .call(let callee, _) = script[id].kind, let name = script.knowledge.functionName(callee) else {
                return false
            }
            return name == "error" || name == "os.exit"
        case .do(let block): return ends[Int(block)]
        case .if(_, let blocks, let hasElse):
            return hasElse && script.syntax.blockLists[blocks.range].allSatisfy { ends[Int($0)] }
        case .while(let condition, let block):
            guard case .boolean(true) = script[condition].kind else { return false }
            return !breaks[Int(block)]
        default: return false
        }
    }

    /// Whether a break or a goto in it may end the loop around it.
    private static func mayBreak(_ kind: Statement.Kind, _ breaks: [Bool], _ script: Script) -> Bool {
        switch kind {
        case .break, .goto: true
        case .do(let block): breaks[Int(block)]
        case .if(_, let blocks, _): script.syntax.blockLists[blocks.range].contains { breaks[Int($0)] }
        case .while(_, let block), .repeat(let block, _), .numericFor(_, _, let block), .genericFor(_, _, let block):
            breaks[Int(block)]
        default: false
        }
    }
}
