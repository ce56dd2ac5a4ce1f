// goto, its labels, and break: what can be jumped to, by the rules of Lua 5.4.

/// A goto whose label has not come yet.
struct PendingGoto {
    var name: Symbol
    var start: Int32
    /// How many variables are active at it, or at the end of the block that it has left.
    var activeCount: Int
    var isSolved = false
}

extension Parser {
    mutating func parseGoto() throws(SyntaxFault) -> StatementID {
        let start = token.start
        try advance()
        let name = try expectName()
        let current = functions.count - 1
        if let label = functions[current].labels[name.symbol] {
            syntax.labels[label].isUsed = true  // backwards: always allowed
        } else {
            functions[current].waiting[name.symbol, default: []].append(functions[current].gotos.count)
            functions[current].gotos.append(
                PendingGoto(name: name.symbol, start: name.start, activeCount: active.count))
        }
        return add(.goto(name.symbol), start)
    }

    /// A label, and what follows it that does nothing.
    mutating func parseLabel(into list: inout [StatementID]) throws(SyntaxFault) {
        let (start, line) = (token.start, token.line)
        try advance()
        let name = try expectName()
        try expect(.doubleColon, "'::' after the label's name")
        list.append(add(.label(name.symbol), start))
        while token.kind == .semicolon || token.kind == .doubleColon { try parseStatement(into: &list) }
        // At the end of a block the variables are out of scope already.
        makeLabel(name.symbol, start: name.start, line: line, isLast: endsBlock(withUntil: false))
    }

    private mutating func makeLabel(_ name: Symbol, start: Int32, line: Int32, isLast: Bool) {
        let current = functions.count - 1, block = blocks.count - 1
        if let other = functions[current].labels[name] {
            let shown = lexer.symbols.text(name)
            return report(
                .duplicateLabel, start, "the label '\(shown)' is there already, in line \(syntax.labels[other].line)")
        }
        let activeCount = isLast ? blocks[block].firstActive : active.count
        let label = syntax.labels.count
        syntax.labels.append(Label(name: name, start: start, line: line, activeCount: activeCount))
        functions[current].labels[name] = label
        blocks[block].labels.append(name)

        var waiting = functions[current].waiting[name] ?? []
        while let last = waiting.last, last >= blocks[block].firstGoto {
            waiting.removeLast()
            let goto = functions[current].gotos[last]
            functions[current].gotos[last].isSolved = true
            syntax.labels[label].isUsed = true
            guard goto.activeCount < activeCount else { continue }
            let entered = active[goto.activeCount]
            let variable = entered >= 0 ? lexer.symbols.text(syntax.variables[Int(entered)].name) : "for"
            report(
                .jumpIntoScope, goto.start,
                "goto '\(lexer.symbols.text(name))' would jump into the scope of the local variable '\(variable)'")
        }
        functions[current].waiting[name] = waiting
    }

    /// What a block's end means for its labels, and for gotos that still look for theirs.
    mutating func closeLabels(of block: BlockState) {
        let current = functions.count - 1
        for name in block.labels { functions[current].labels[name] = nil }
        guard block.firstGoto < functions[current].gotos.count else { return }
        if block.isFunction {
            for goto in functions[current].gotos where !goto.isSolved {
                report(
                    .missingLabel, goto.start,
                    "there is no label '\(lexer.symbols.text(goto.name))' that this goto can see")
            }
            functions[current].gotos = []
            return
        }
        for index in block.firstGoto..<functions[current].gotos.count {
            let outer = min(functions[current].gotos[index].activeCount, block.firstActive)
            functions[current].gotos[index].activeCount = outer
        }
        while let last = functions[current].gotos.last, last.isSolved, functions[current].gotos.count > block.firstGoto
        {
            functions[current].gotos.removeLast()
        }
    }

    mutating func parseBreak() throws(SyntaxFault) -> StatementID {
        let start = token.start
        var level = blocks.count - 1
        while !blocks[level].isLoop, !blocks[level].isFunction { level -= 1 }
        if !blocks[level].isLoop { report(.breakOutsideLoop, start, "this break is in no loop") }
        try advance()
        return add(.break, start)
    }
}
