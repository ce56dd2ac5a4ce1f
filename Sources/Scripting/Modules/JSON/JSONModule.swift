// json: encoding and decoding are C (lh_json_write.c, lh_json_read.c), which the module's Lua calls without the host.

final class JSONModule: APIModule {
    static let lua = [LuaFile(name: "json", text: PackageResources.json_lua, globals: ["json"])]

    init(_ host: ScriptHost) {}

    var operations: [Operation] { [] }
}
