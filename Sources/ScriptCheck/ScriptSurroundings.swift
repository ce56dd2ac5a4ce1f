// What a script's own text does not say: what the files do that it requires.

/// What other files of the same script give it.
package struct ScriptSurroundings: Sendable {
    /// Globals that they assign, and fields that they put into tables of others.
    package var assignedGlobals: Set<String> = []
    package var assignedFields: Set<String> = []
    /// Whether they may make more globals than can be seen.
    package var definesMore = false

    package init() {}

    /// Adds what one of these files does.
    package mutating func add(_ facts: ScriptFacts) {
        assignedGlobals.formUnion(facts.assignedGlobals)
        assignedFields.formUnion(facts.assignedFields)
        definesMore = definesMore || facts.definesMore
    }
}

/// What a script does that others ask about.
package struct ScriptFacts: Sendable, Equatable {
    /// A module that the script names in `require`.
    package struct RequiredModule: Sendable, Equatable {
        package var name: String
        package var line: Int
        package var column: Int
        /// Whether the script goes on when it is not there: the call stands in a `pcall`.
        package var isGuarded: Bool
    }

    package var requires: [RequiredModule] = []
    /// The lines of calls of `paylink.on`: such a script is for `paylink watch`.
    package var followUps: [Int] = []
    package var assignedGlobals: Set<String> = []
    package var assignedFields: Set<String> = []
    package var definesMore = false

    package init() {}
}
