// What a script finds: globals, modules and their members, functions with parameters and options, and what their results
// have. The caller gives it, made from the table that the runtime itself uses (describe.lua of Scripting).

/// The Lua API, as far as a check needs to know it.
package struct APIDescription: Sendable {
    /// What a value may be; as `accepts` in the prelude's core.lua.
    package enum ValueType: String, Sendable {
        case any, string, boolean, integer, number, table, function, duration, amount, text, link, task
    }

    /// What else is known of a parameter's or an option's value.
    package struct Rule: Sendable {
        package var type: ValueType
        package var isRequired = false
        /// Whether content that is malformed raises an error, instead of giving `nil, err`.
        package var raises = false
        package var isAboveZero = false
        /// What a value of the type `any` may be nevertheless; empty: anything.
        package var types: [ValueType] = []
        /// Whether an empty list raises, and whether an element without a name does.
        package var isNotEmpty = false
        package var isNamed = false
        /// The only texts that are taken; others raise if `raises`.
        package var texts: [String] = []
        package var least: Int64?
        package var most: Int64?
        /// The only keys of the table.
        package var fields: [String] = []
        /// The only keys of tables in the list.
        package var itemFields: [String] = []
        /// What the function is called with: classes.
        package var callback: [String] = []
    }

    package struct Parameter: Sendable {
        package var name: String
        package var rule: Rule
        /// Whether it is the table of the function's options.
        package var isOptions = false
    }

    package struct Option: Sendable {
        package var name: String
        package var rule: Rule
    }

    package struct Function: Sendable {
        package var name: String
        package var parameters: [Parameter] = []
        package var options: [Option] = []
        /// Options of which one call takes one.
        package var conflicts: [[String]] = []
        /// Whether nothing is known of its parameters.
        package var takesAnything = false
        /// The classes of its results, and of what its iterator gives.
        package var gives: [String] = []
        package var each: [String] = []

        /// Whether it takes a table of options and nothing else, as in `name{…}`.
        package var takesOptionsAlone: Bool { parameters.isEmpty && !options.isEmpty }
        var isVariadic: Bool { parameters.last?.name == "..." }
        func option(_ name: String) -> Option? { options.first { $0.name == name } }
    }

    /// A table of functions: a module of the API or a library of Lua.
    package struct Module: Sendable {
        package var members: Set<String> = []
        /// Whether reading another name raises; otherwise it is nil.
        package var isStrict = false
        /// Names that scripts cannot use, and what to do instead.
        package var refused: [String: String] = [:]
    }

    /// What values of one kind have.
    package struct Class: Sendable {
        package var fields: Set<String> = []
        package var isStrict = false
    }

    /// Functions that call one that they are given and go on when it fails: what is wrong in it may be wanted there.
    package var guards: Set<String> = ["pcall", "xpcall"]
    package var globals: Set<String> = []
    package var refusedGlobals: [String: String] = [:]
    /// Names that read as nil: code for several versions of Lua asks for them. With what to use instead, or "".
    package var probes: [String: String] = [:]
    package var modules: [String: Module] = [:]
    /// By the name as it is called: `paylink.create`, `link:wait`, `sleep`.
    package var functions: [String: Function] = [:]
    package var classes: [String: Class] = [:]

    package init() {}

    /// Every name that a script can read as a global.
    var globalNames: Set<String> { globals.union(modules.keys).union(refusedGlobals.keys) }
}
