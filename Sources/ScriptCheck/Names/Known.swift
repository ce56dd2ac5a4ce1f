// What is known of a value without running the script.

/// What a value is, as far as that is sure.
enum Known: Hashable, Sendable {
    /// Nothing has been seen yet that gives it a value.
    case nothing
    case `nil`, boolean, integer, number, string, table, function
    /// A module of the API or a library of Lua, by its number in `Catalogue`.
    case module(Int32)
    /// A function of the API or of Lua.
    case callable(Int32)
    /// A value with the fields of a class: a link, an error.
    case instance(Int32)
    case unknown

    /// What is known of a value that is the one or the other. One that may be nil counts as what it is otherwise: what is
    /// told of it, a field that it does not have, fails for nil, too.
    func joined(_ other: Known) -> Known {
        if self == other || other == .nothing { return self }
        if self == .nothing { return other }
        if self == .nil { return other }
        return other == .nil ? self : .unknown
    }
}

/// The names of a description as numbers, and what a script's symbols mean among them.
struct Catalogue: Sendable {
    let api: APIDescription
    private(set) var modules: [String] = []
    private(set) var functions: [String] = []
    private(set) var classes: [String] = []
    private var moduleNumbers: [String: Int32] = [:]
    private var functionNumbers: [String: Int32] = [:]
    private var classNumbers: [String: Int32] = [:]

    init(_ api: APIDescription) {
        self.api = api
        for name in api.modules.keys.sorted() {
            moduleNumbers[name] = Int32(modules.count)
            modules.append(name)
            for member in api.modules[name]?.members.sorted() ?? [] { addFunction(name + "." + member) }
        }
        for name in api.functions.keys.sorted() { addFunction(name) }
        for name in api.globals.sorted() where name != "_G" && name != "_VERSION" && name != "arg" { addFunction(name) }
        for name in api.classes.keys.sorted() {
            classNumbers[name] = Int32(classes.count)
            classes.append(name)
        }
    }

    private mutating func addFunction(_ name: String) {
        guard functionNumbers[name] == nil else { return }
        functionNumbers[name] = Int32(functions.count)
        functions.append(name)
    }

    /// A table that is a function, too, as `assert` is in tests, counts as the function.
    func global(_ name: String) -> Known {
        if let function = functionNumbers[name] { return .callable(function) }
        return moduleNumbers[name].map(Known.module) ?? .unknown
    }

    func module(named name: String) -> Known { moduleNumbers[name].map(Known.module) ?? global(name) }

    /// A member of a module: a function, nil where a library has none of that name, or something that is not known.
    func member(_ module: Int32, _ name: String) -> Known {
        let moduleName = modules[Int(module)], full = moduleName + "." + name
        guard let description = api.modules[moduleName] else { return .unknown }
        guard description.members.contains(name) else { return description.isStrict ? .unknown : .nil }
        let isFunction = api.functions[full] != nil || Self.librariesOfFunctions.contains(moduleName)
        return isFunction && !Self.values.contains(full)
            ? functionNumbers[full].map(Known.callable) ?? .unknown : .unknown
    }

    private static let librariesOfFunctions: Set = ["coroutine", "io", "math", "os", "string", "table", "utf8"]
    private static let values: Set = [
        "io.stdin", "io.stdout", "io.stderr", "math.huge", "math.maxinteger", "math.mininteger", "math.pi",
        "utf8.charpattern",
    ]

    func method(_ class: Int32, _ name: String) -> Known {
        functionNumbers[classes[Int(`class`)] + ":" + name].map(Known.callable) ?? .unknown
    }

    func hasMethod(_ class: Int32, _ name: String) -> Bool {
        functionNumbers[classes[Int(`class`)] + ":" + name] != nil
    }

    /// Every name that a value of the class has.
    func names(_ class: Int32) -> [String] {
        let name = classes[Int(`class`)]
        let methods = functions.filter { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) }
        return Array(api.classes[name]?.fields ?? []) + methods
    }

    /// What a description calls a result.
    func described(_ name: String) -> Known {
        switch name {
        case "string": .string
        case "boolean": .boolean
        case "table": .table
        default: classNumbers[name].map(Known.instance) ?? .unknown
        }
    }

    func function(_ number: Int32) -> APIDescription.Function? { api.functions[functions[Int(number)]] }
}
