// Asks the host table of the prelude itself: what C computes without the host, to be compared with Swift.

import Chance
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Recorder

@testable import Scripting

enum Computing {
    /// Calls `body` with `host` and each of the texts in turn, and gives the text that each call returns.
    static func answers(_ texts: [String], _ body: String) throws -> [String] {
        let list = texts.map(literal).joined(separator: ",\n")
        let code = """
            local host = ...
            local function answer(text) \(body) end
            local texts, given = {\(list)}, {}
            for i = 1, #texts do given[i] = tostring(answer(texts[i])) end
            host.reference(table.concat(given, "\\30"))
            """
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try loop.submit {
            let host = try ScriptHost(
                ScriptSource(text: [], name: "computing"), options: ScriptOptions(), eventLoop: loop,
                service: { () throws(OneShotPayError) in throw .invalid("service", "not needed") }, log: { _ in })
            try host.state.runPrelude(Array(code.utf8), chunk: "=[paylink computing]")
            return (host.reference ?? "").split(separator: "\u{1E}", omittingEmptySubsequences: false).map(String.init)
        }.wait()
    }

    /// A text as Lua source.
    private static func literal(_ text: String) -> String {
        let bytes = text.utf8.map { byte in
            let digits = String(byte)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
        return "\"" + bytes.joined() + "\""
    }

    /// A text of pieces at random, so that most are nearly right.
    static func text(of pieces: [String], upTo most: Int, _ random: inout SplitMix) -> String {
        (0..<Int.random(in: 0...most, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }
}
