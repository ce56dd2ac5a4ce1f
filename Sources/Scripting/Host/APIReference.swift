// The Lua API's reference and examples, taken from the table that the runtime itself uses.

import LuaRuntime
package import NIOCore
import OneShotPay
import Recorder

/// Documentation of the Lua API.
package enum APIReference {
    /// The reference in Markdown. Must be called on the event loop.
    package static func markdown(on eventLoop: any EventLoop) throws -> String {
        try written(by: [("reference", PackageResources.reference_lua)], on: eventLoop)
    }

    /// The API as `ScriptCheck` reads it. Must be called on the event loop.
    package static func description(on eventLoop: any EventLoop) throws -> String {
        try written(by: [details, ("describe", PackageResources.describe_lua)], on: eventLoop)
    }

    /// What a host defines besides, as `ScriptCheck` reads it. Must be called on its event loop.
    /// - Parameter types: Lua that sets `host.types`.
    package static func description(of host: ScriptHost, types: [UInt8]) throws -> String {
        for (name, lua) in [details, ("types", types), ("describe", PackageResources.describe_lua)] {
            try host.state.runPrelude(lua, chunk: "=[paylink \(name)]")
        }
        return host.reference ?? ""
    }

    /// Annotations for the Lua language server: a line of a form feed and a name before the text of each file. Must be
    /// called on the event loop.
    /// - Parameter codes: the codes of errors and what they mean, a tab between them, one a line.
    package static func types(codes: String, on eventLoop: any EventLoop) throws -> String {
        let given = "local host = ...\nhost.codes = [=[\n\(codes)]=]"
        return try written(
            by: [details, ("codes", Array(given.utf8)), ("types", PackageResources.types_lua)], on: eventLoop)
    }

    /// The annotations of what a host defines. Must be called on its event loop.
    /// - Parameter types: Lua that sets `host.types`.
    package static func types(of host: ScriptHost, types: [UInt8]) throws -> String {
        try host.state.runPrelude(types, chunk: "=[paylink types]")
        try host.state.runPrelude(PackageResources.types_lua, chunk: "=[paylink types]")
        return host.reference ?? ""
    }

    /// The reference of what a host defines. Must be called on its event loop.
    /// - Parameter sections: Lua that sets `host.reference_sections` and `host.reference_title`.
    package static func markdown(of host: ScriptHost, sections: [UInt8]) throws -> String {
        try host.state.runPrelude(sections, chunk: "=[paylink sections]")
        try host.state.runPrelude(PackageResources.reference_lua, chunk: "=[paylink reference]")
        return host.reference ?? ""
    }

    private static let details = (name: "details", lua: PackageResources.details_lua)

    private static func written(by files: [(name: String, lua: [UInt8])], on eventLoop: any EventLoop) throws -> String
    {
        let host = try ScriptHost(
            ScriptSource(text: [], name: "reference"), options: ScriptOptions(), eventLoop: eventLoop,
            service: { () throws(OneShotPayError) in throw .invalid("service", "not needed") }, log: { _ in })
        for file in files { try host.state.runPrelude(file.lua, chunk: "=[paylink \(file.name)]") }
        return host.reference ?? ""
    }
}
