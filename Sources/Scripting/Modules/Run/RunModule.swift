// run: the facts of a job, which its Lua finds among the host's facts.

final class RunModule: APIModule {
    static let lua = [LuaFile(name: "run", text: PackageResources.run_lua, globals: ["run"])]

    init(_ host: ScriptHost) {}

    var operations: [Operation] { [] }
}
