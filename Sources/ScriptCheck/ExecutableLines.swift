// Which lines of a script can run, for who tells which of them have. Lua says when a line begins; what is executed of a
// statement may begin on another of its lines than its first, and some statements are nothing to execute.

/// The lines on which something begins that can be executed.
package struct ExecutableLines: Sendable {
    /// A statement, or the condition of an `elseif`.
    fileprivate struct Part {
        var line: Int
        /// The line on which Lua says that its function is defined.
        var function: Int
        /// Its other lines that are no part of a statement of the same function within it.
        var others: [Int] = []
    }

    private let parts: [Part]

    /// - Returns: `nil` for a text that is no script.
    package init?(_ text: [UInt8]) {
        let (syntax, _, isComplete) = Parser.parse(text)
        guard isComplete else { return nil }
        parts = syntax.parts(text)
    }

    /// Each line on which something begins, in order, with how often it ran.
    /// - Parameter counts: by the line on which a function is defined, how often each line from the first has begun in it.
    package func counted(by counts: [Int: [UInt32]]) -> [(line: Int, count: UInt32)] {
        var found: [(line: Int, count: UInt32)] = []
        for part in parts {
            let lines = counts[part.function] ?? []
            func count(_ line: Int) -> UInt32 { line <= lines.count ? lines[line - 1] : 0 }
            let first = count(part.line)
            let times = first > 0 ? first : part.others.map(count).max() ?? 0
            if found.last?.line == part.line {
                found[found.count - 1].count = max(found[found.count - 1].count, times)
            } else {
                found.append((part.line, times))
            }
        }
        return found
    }
}

extension Syntax {
    /// Gives each line of each function to the innermost statement that it belongs to.
    fileprivate func parts(_ text: [UInt8]) -> [ExecutableLines.Part] {
        // What stands within another comes after it.
        let spans = spans.sorted { ($0.start, -$0.end) < ($1.start, -$1.end) }
        let asked = Set(spans.flatMap { [$0.start, $0.end] }).sorted()
        var places = PlaceFinder(text)
        let lines = Dictionary(uniqueKeysWithValues: asked.map { ($0, places.place($0).line) })
        // Going through them in this order, the last to claim a line is the innermost.
        var owners: [FunctionID: [Int: Int]] = [:]
        for (index, span) in spans.enumerated() {
            let first = lines[span.start] ?? 1, last = lines[span.end] ?? 1
            if last > first { for line in first + 1...last { owners[span.function, default: [:]][line] = index } }
        }
        var others = [[Int]](repeating: [], count: spans.count)
        for lines in owners.values { for (line, index) in lines { others[index].append(line) } }
        return spans.indices.filter { spans[$0].isCounted }.map { index in
            let span = spans[index]
            return ExecutableLines.Part(
                line: lines[span.start] ?? 1, function: Int(functions[Int(span.function)].definedLine),
                others: others[index])
        }
    }

    /// Where a statement or a condition stands.
    private struct Span {
        var start: Int32
        var end: Int32
        var function: FunctionID
        var isCounted: Bool
    }

    private var spans: [Span] {
        var found: [Span] = []
        for (index, statement) in statements.enumerated() {
            found.append(
                Span(
                    start: statement.start, end: max(statement.end - 1, statement.start), function: statement.function,
                    isCounted: canRun(index)))
            guard case .if(let conditions, let blocks, _) = statement.kind else { continue }
            for (condition, block) in zip(items(conditions), blockLists[blocks.range]).dropFirst() {
                // It reaches to what follows it, if anything does.
                let start = self[condition].start, next = statementLists[self.blocks[Int(block)].statements.range].first
                let end = next.map { statements[Int($0)].start - 1 } ?? start
                found.append(
                    Span(
                        start: start, end: max(start, end), function: statement.function,
                        isCounted: !isConstant(condition)))
            }
        }
        return found
    }
}

extension Syntax {
    /// Whether Lua 5.4 makes an instruction of its own of a statement: not of what only directs jumps, nor of what is
    /// known before (`while true`, `local limit <const> = 5`), nor of variables without values, which may be made
    /// together with others.
    fileprivate func canRun(_ index: Int) -> Bool {
        switch statements[index].kind {
        case .empty, .label, .break, .goto, .do, .repeat: return false
        case .while(let condition, _): return !isConstant(condition)
        case .if(let conditions, _, _): return items(conditions).first.map { !isConstant($0) } ?? true
        case .local(let variables, let values):
            guard !items(values).allSatisfy(isNil) else { return false }
            guard variables.count == 1, let variable = variableLists[variables.range].first,
                self.variables[Int(variable)].attribute == .constant
            else { return true }
            return !items(values).allSatisfy(isConstant)
        case .assign(let targets, let values):
            // Of a local variable: made together with others, or left out.
            return !items(targets).allSatisfy(isLocal)
                || !zip(items(targets), items(values)).allSatisfy { isNil($1) || isSameVariable($0, $1) }
        case .call, .numericFor, .genericFor, .function, .localFunction, .return: return true
        }
    }

    private func isNil(_ id: ExpressionID) -> Bool { if case .nil = self[bare(id)].kind { true } else { false } }

    private func isLocal(_ id: ExpressionID) -> Bool {
        if case .name(_, .local) = self[id].kind { true } else { false }
    }

    private func isSameVariable(_ first: ExpressionID, _ second: ExpressionID) -> Bool {
        guard case .name(_, .local(let one)) = self[first].kind,
            case .name(_, .local(let other)) = self[bare(second)].kind
        else { return false }
        return one == other
    }

    /// Whether its value may be known before anything runs.
    private func isConstant(_ id: ExpressionID) -> Bool {
        switch self[bare(id)].kind {
        case .nil, .boolean, .integer, .number, .string: true
        case .unary(_, let operand): isConstant(operand)
        case .binary(_, let left, let right): isConstant(left) && isConstant(right)
        case .name(_, .local(let variable)): variables[Int(variable)].attribute == .constant
        default: false
        }
    }
}
