// The Lua side of the API, embedded in the executable: one file a module. Only the core is run at once; the
// others when a script first names them, so that a script pays for what it uses.

enum Prelude {
    static let core = (name: "core", text: PackageResources.core_lua)

    /// Modules by the name of their file, in the order in which the reference has them.
    static let modules: [(name: String, text: [UInt8])] = [
        ("money", PackageResources.money_lua),
        ("paylink", PackageResources.paylink_lua),
        ("task", PackageResources.task_lua),
        ("json", PackageResources.json_lua),
        ("log", PackageResources.log_lua),
        ("bench", PackageResources.bench_lua),
    ]

    static func text(of name: String) -> [UInt8]? { modules.first { $0.name == name }?.text }
}
