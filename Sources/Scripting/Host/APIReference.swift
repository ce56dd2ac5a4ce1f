// The Lua API's reference and examples, taken from the table that the runtime itself uses.

import LuaRuntime
package import NIOCore
import OneShotPay
import Recorder

/// Documentation of the Lua API.
package enum APIReference {
    /// The reference in Markdown. Must be called on the event loop.
    package static func markdown(on eventLoop: any EventLoop) throws -> String {
        try written(by: PackageResources.reference_lua, on: eventLoop)
    }

    /// The API as `ScriptCheck` reads it. Must be called on the event loop.
    package static func description(on eventLoop: any EventLoop) throws -> String {
        try written(by: PackageResources.describe_lua, on: eventLoop)
    }

    /// The reference of what a host defines. Must be called on its event loop.
    /// - Parameter sections: Lua that sets `host.reference_sections` and `host.reference_title`.
    package static func markdown(of host: ScriptHost, sections: [UInt8]) throws -> String {
        try host.state.runPrelude(sections, chunk: "=[paylink sections]")
        try host.state.runPrelude(PackageResources.reference_lua, chunk: "=[paylink reference]")
        return host.reference ?? ""
    }

    private static func written(by lua: [UInt8], on eventLoop: any EventLoop) throws -> String {
        let host = try ScriptHost(
            ScriptSource(text: [], name: "reference"), options: ScriptOptions(), eventLoop: eventLoop,
            service: { () throws(OneShotPayError) in throw .invalid("service", "not needed") }, log: { _ in })
        try host.state.runPrelude(lua, chunk: "=[paylink reference]")
        return host.reference ?? ""
    }
}
