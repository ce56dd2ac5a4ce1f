// Which variable a name means, and how many of them Lua can hold.

/// A function whose body is being read.
struct FunctionState {
    var id: FunctionID
    /// Its first one in `active`.
    var firstActive: Int
    var isVararg = false
    /// Variables of functions around it that it uses.
    var captured: Set<VariableID> = []
    /// Labels that can be seen, by name.
    var labels: [Symbol: Int] = [:]
    var gotos: [PendingGoto] = []
    /// Places in `gotos` that wait for a label, by its name.
    var waiting: [Symbol: [Int]] = [:]
}

/// A block that is being read.
struct BlockState {
    /// How many variables were active, and gotos pending, when it began.
    var firstActive: Int
    var firstGoto: Int
    var isLoop: Bool
    var isFunction = false
    var labels: [Symbol] = []
}

extension Parser {
    /// Limits of Lua's own.
    private static let mostVariables = 200
    private static let mostCaptured = 255

    // MARK: Functions

    mutating func openFunction(at start: Int32) {
        let id = FunctionID(syntax.functions.count)
        syntax.functions.append(FunctionBody(parent: functions.last?.id ?? -1, start: start))
        functions.append(FunctionState(id: id, firstActive: active.count))
        openBlock(isLoop: false)
        blocks[blocks.count - 1].isFunction = true
    }

    mutating func closeFunction(_ block: BlockID) {
        closeBlock()
        syntax.functions[Int(functions[functions.count - 1].id)].block = block
        functions.removeLast()
    }

    // MARK: Blocks

    mutating func openBlock(isLoop: Bool) {
        blocks.append(
            BlockState(
                firstActive: active.count, firstGoto: functions[functions.count - 1].gotos.count, isLoop: isLoop))
    }

    mutating func closeBlock() {
        let block = blocks.removeLast()
        closeLabels(of: block)
        while active.count > block.firstActive {
            let id = active.removeLast()
            guard id >= 0 else { continue }
            let variable = syntax.variables[Int(id)]
            innermost[Int(variable.name.index)] = variable.hidden
        }
    }

    // MARK: Variables

    /// A variable that is not in scope yet.
    mutating func makeVariable(_ name: Symbol, _ kind: Variable.Kind, at start: Int32) -> VariableID {
        syntax.variables.append(
            Variable(
                name: name, kind: kind, attribute: .none, start: start, function: functions[functions.count - 1].id))
        return VariableID(syntax.variables.count - 1)
    }

    /// From here on the name means this variable.
    mutating func activate(_ id: VariableID) {
        let name = syntax.variables[Int(id)].name
        while innermost.count <= Int(name.index) { innermost.append(-1) }
        syntax.variables[Int(id)].hidden = innermost[Int(name.index)]
        innermost[Int(name.index)] = id
        if name == environment { syntax.changesEnvironment = true }
        push(id, at: syntax.variables[Int(id)].start)
    }

    /// Variables that a loop keeps for itself.
    mutating func activateHidden(_ count: Int, at start: Int32) {
        for _ in 0..<count { push(-1, at: start) }
    }

    private mutating func push(_ id: VariableID, at start: Int32) {
        active.append(id)
        if active.count - functions[functions.count - 1].firstActive == Self.mostVariables + 1 {
            report(
                .tooManyVariables, start,
                "this function has more than \(Self.mostVariables) local variables at once, which Lua refuses")
        }
    }

    /// The variable in scope; `nil`: the name is that of a global.
    func variable(_ name: Symbol) -> VariableID? {
        let index = Int(name.index)
        return index < innermost.count && innermost[index] >= 0 ? innermost[index] : nil
    }

    /// A name that is used, be it read or assigned.
    mutating func reference(_ name: Symbol, at start: Int32) -> ExpressionID {
        if let id = variable(name) {
            capture(id, at: start)
            return add(.name(name, .local(id)), start)
        }
        if let own = variable(environment) {
            capture(own, at: start)
            syntax.variables[Int(own)].reads += 1
            return add(.name(name, .ownEnvironment), start)
        }
        return add(.name(name, .global), start)
    }

    /// Notes in each function between a variable and its use that the variable passes through it.
    private mutating func capture(_ id: VariableID, at start: Int32) {
        let owner = syntax.variables[Int(id)].function
        var level = functions.count - 1
        while functions[level].id != owner {
            guard functions[level].captured.insert(id).inserted else { return }
            if functions[level].captured.count == Self.mostCaptured + 1 {
                report(
                    .tooManyVariables, start,
                    "a function uses more than \(Self.mostCaptured) variables of those around it, which Lua refuses")
            }
            level -= 1
        }
    }

    // MARK: Reads and assignments

    /// The expression is read: names in it count as used.
    mutating func countRead(_ id: ExpressionID) {
        if case .name(let name, let place) = syntax[id].kind {
            if case .local(let variable) = place { syntax.variables[Int(variable)].reads += 1 }
            if name == environment { syntax.changesEnvironment = true }
        }
    }

    /// The expression is assigned to.
    mutating func countWrite(_ id: ExpressionID) {
        guard case .name(let name, let place) = syntax[id].kind else { return }
        if name == environment { syntax.changesEnvironment = true }
        guard case .local(let variable) = place else { return }
        syntax.variables[Int(variable)].writes += 1
        guard syntax.variables[Int(variable)].attribute != .none else { return }
        let shown = lexer.symbols.text(name)
        let kind = syntax.variables[Int(variable)].attribute == .constant ? "const" : "close"
        report(.assignmentToConstant, syntax[id].start, "'\(shown)' is declared <\(kind)> and cannot be assigned to")
    }

    /// Says of each variable which value it gets.
    mutating func assign(_ variables: [VariableID], _ values: [ExpressionID]) {
        for (position, variable) in variables.enumerated() where variable >= 0 {
            let last = values.count - 1
            if position < values.count {
                syntax.assignments.append(Assignment(variable: variable, value: values[position], result: 0))
            } else if last >= 0, syntax.isOpenEnded(values[last]) {
                syntax.assignments.append(
                    Assignment(variable: variable, value: values[last], result: Int32(position - last)))
            } else {
                syntax.assignments.append(Assignment(variable: variable, value: nil, result: 0))
            }
        }
    }
}
