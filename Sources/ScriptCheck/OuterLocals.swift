// Which local variables a chunk has at its end, for a prompt that keeps them.

extension ScriptCheck {
    /// The names of the variables that are declared outside of every block, in the order of their declarations; none
    /// when the text is no whole chunk, ends in a `return`, or does something to `_ENV`. What is to be closed is closed
    /// at the chunk's end, and so is not among them.
    package static func outerLocals(of text: [UInt8]) -> [String] {
        let (syntax, faults, isComplete) = Parser.parse(text)
        guard isComplete, faults.isEmpty, !syntax.changesEnvironment else { return [] }
        let block = syntax.blocks[Int(syntax.functions[0].block)]
        var names: [String] = []
        for statement in syntax.statementLists[block.statements.range].map({ syntax.statements[Int($0)] }) {
            switch statement.kind {
            case .local(let variables, _): names += syntax.variableLists[variables.range].compactMap(keptName)
            case .localFunction(let variable, _): names += [variable].compactMap(keptName)
            case .return, .break, .goto: return []
            default: break
            }
        }
        return names

        func keptName(_ variable: VariableID) -> String? {
            let variable = syntax.variables[Int(variable)]
            return variable.attribute == .toBeClosed ? nil : syntax.symbols.text(variable.name)
        }
    }
}
