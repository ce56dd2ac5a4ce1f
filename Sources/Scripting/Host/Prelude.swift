// The Lua side of the API, embedded in the executable: one file a module. Those of Prelude/ are run at once;
// the others when a script first names them, so that a script pays for what it uses.

enum Prelude {
    static let first = [
        ("core", PackageResources.core_lua), ("modules", PackageResources.modules_lua),
        ("base", PackageResources.base_lua),
    ]

    /// Modules by the name of their file, in the order in which the reference has them.
    static let modules: [(name: String, text: [UInt8])] = [
        ("money", PackageResources.money_lua),
        ("paylink", PackageResources.paylink_lua),
        ("once", PackageResources.once_lua),
        ("on", PackageResources.on_lua),
        ("task", PackageResources.task_lua),
        ("json", PackageResources.json_lua),
        ("csv", PackageResources.csv_lua),
        ("csv_writer", PackageResources.csv_writer_lua),
        ("csv_append", PackageResources.csv_append_lua),
        ("http", PackageResources.http_lua),
        ("secret", PackageResources.secret_lua),
        ("program", PackageResources.program_lua),
        ("mail", PackageResources.mail_lua),
        ("log", PackageResources.log_lua),
        ("run", PackageResources.run_lua),
        ("bench", PackageResources.bench_lua),
    ]

    static func text(of name: String) -> [UInt8]? { modules.first { $0.name == name }?.text }
}
