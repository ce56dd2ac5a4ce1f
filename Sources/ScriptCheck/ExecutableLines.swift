// Which lines of a script can run, for who tells which of them have. Lua says when a line begins; what is executed of a
// statement may begin on another of its lines than its first, and some statements are nothing to execute.

/// The lines on which something begins that can be executed.
package struct ExecutableLines: Sendable {
    /// A statement, or the condition of an `elseif`.
    private struct Part: Sendable {
        var line: Int
        /// Its other lines that are no part of a statement within it.
        var others: [Int] = []
    }

    private let parts: [Part]

    /// - Returns: `nil` for a text that is no script.
    package init?(_ text: [UInt8]) {
        let (syntax, _, isComplete) = Parser.parse(text)
        guard isComplete else { return nil }
        parts = LinePartition(syntax, text).parts.map { Part(line: $0.line, others: $0.others) }
    }

    /// Each line on which something begins, in order, with how often it ran.
    /// - Parameter counts: how often each line from the first has begun.
    package func counted(by counts: [UInt32]) -> [(line: Int, count: UInt32)] {
        func count(_ line: Int) -> UInt32 { line <= counts.count ? counts[line - 1] : 0 }
        var found: [(line: Int, count: UInt32)] = []
        for part in parts {
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

/// Gives each line of a script to the innermost statement that it belongs to.
private struct LinePartition {
    private(set) var parts: [(line: Int, others: [Int])] = []

    init(_ syntax: Syntax, _ text: [UInt8]) {
        var offsets = syntax.statements.indices.map { Span(syntax.statements[$0], isCounted: syntax.canRun($0)) }
        for statement in syntax.statements {
            guard case .if(let conditions, _, _) = statement.kind else { continue }
            offsets += syntax.items(conditions).dropFirst().map { Span(at: syntax[$0].start) }
        }
        // What stands within another comes after it.
        offsets.sort { ($0.start, -$0.end) < ($1.start, -$1.end) }
        let lines = Self.lines(of: offsets, in: text)
        // Going through them in this order, the last to claim a line is the innermost.
        var owners: [Int: Int] = [:]
        for (part, (first, last)) in lines.enumerated() where last > first {
            for line in first + 1...last { owners[line] = part }
        }
        var others = [[Int]](repeating: [], count: lines.count)
        for (line, part) in owners { others[part].append(line) }
        for (part, (first, _)) in lines.enumerated() where offsets[part].isCounted {
            parts.append((first, others[part]))
        }
    }

    private struct Span {
        var start: Int32
        var end: Int32
        var isCounted = true

        init(_ statement: Statement, isCounted: Bool) {
            (start, end) = (statement.start, max(statement.end - 1, statement.start))
            self.isCounted = isCounted
        }

        init(at offset: Int32) { (start, end) = (offset, offset) }
    }

    private static func lines(of spans: [Span], in text: [UInt8]) -> [(first: Int, last: Int)] {
        let asked = Set(spans.flatMap { [$0.start, $0.end] }).sorted()
        var places = PlaceFinder(text)
        let found = Dictionary(uniqueKeysWithValues: asked.map { ($0, places.place($0).line) })
        return spans.map { (found[$0.start] ?? 1, found[$0.end] ?? 1) }
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
            let isNothing = items(values).allSatisfy { if case .nil = self[$0].kind { true } else { false } }
            guard !isNothing else { return false }
            guard variables.count == 1, let variable = variableLists[variables.range].first,
                self.variables[Int(variable)].attribute == .constant
            else { return true }
            return !items(values).allSatisfy(isConstant)
        case .assign, .call, .numericFor, .genericFor, .function, .localFunction, .return: return true
        }
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
