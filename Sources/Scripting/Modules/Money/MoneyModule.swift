// Why a text is no amount, where C cannot say it: the names of characters beyond ASCII are the host's.

import LuaRuntime
import OneShotPay

final class MoneyModule: APIModule {
    static let lua = [LuaFile(name: "money", text: PackageResources.money_lua)]

    init(_ host: ScriptHost) {}

    var operations: [Operation] {
        [Operation("amount_problem", untrusted: .granted, .answers { Self.explain(&$0, $1) })]
    }

    /// Arguments: text, decimal sign or nil. Gives what is wrong with it. The text is the beginning of one that is no
    /// amount.
    private static func explain(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let bytes = arguments.bytes() else { return reply.string("an amount is missing" as StaticString) }
        let sign = arguments.value()?.stringValue.flatMap(DecimalSign.init) ?? .point
        do throws(MoneyError) {
            _ = try Money(parsing: bytes, sign: sign)
            reply.string("a text so long is not an amount; write US dollars such as \(sign.write("12.50"))")
        } catch {
            reply.string(error.message)
        }
    }
}
