// The Lua side of the API, embedded in the executable: one file a module, run in this order.

enum Prelude {
    static let modules: [(name: String, text: [UInt8])] = [
        ("core", PackageResources.core_lua),
        ("money", PackageResources.money_lua),
        ("task", PackageResources.task_lua),
        ("json", PackageResources.json_lua),
        ("log", PackageResources.log_lua),
        ("paylink", PackageResources.paylink_lua),
    ]
}
