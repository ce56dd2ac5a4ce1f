// csv.amount: a cell of a table as exact money, by the rules that a batch reads amounts by.

import LuaRuntime
import OneShotPay

extension ScriptHost {
    /// Arguments: text, decimal sign or nil. Gives money; or nil and what is wrong.
    func answerAmount(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let bytes = arguments.bytes() else { return reply.null() }
        let sign = arguments.value()?.stringValue.flatMap(DecimalSign.init)
        if sign == nil, let readings = AmountReadings(bytes) {
            reply.null()
            return reply.string(readings.problem { "decimal = \"\($0.rawValue)\"" })
        }
        do throws(MoneyError) { reply.box(try Money(parsing: bytes, sign: sign ?? .point).microUSDC) } catch {
            reply.null()
            reply.string(error.message)
        }
    }
}
