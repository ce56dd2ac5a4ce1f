// The Lua that every script begins with, embedded in the executable. The files of the modules are run when a script first
// names them, so that a script pays for what it uses.

enum Prelude {
    static let first = [
        ("core", PackageResources.core_lua), ("modules", PackageResources.modules_lua),
        ("base", PackageResources.base_lua),
    ]
}
