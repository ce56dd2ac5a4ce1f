// How the host reads what scripts give: durations and amounts in each of their forms. How it answers failures.

import LuaRuntime
import OneShotPay
import Recorder

struct AmountProblem: Error {
    var message: String
}

extension LuaReader {
    /// A duration as a script writes it, or `nil`.
    package mutating func duration() -> Duration? {
        switch kind {
        case .string: string().flatMap(DurationText.parse)
        case .integer: integer().flatMap { DurationText.seconds(Double($0)) }
        case .number: number().flatMap(DurationText.seconds)
        default: nil
        }
    }

    /// An amount as a script writes it: a decimal string, an integer of dollars, money, or an exact number.
    mutating func money() -> Result<Money, AmountProblem> {
        switch kind {
        case .box: return .success(Money(microUSDC: box() ?? 0))
        case .integer:
            let dollars = integer() ?? 0
            guard let money = Money(dollars: dollars) else {
                return .failure(AmountProblem(message: "the amount \(dollars) is too large"))
            }
            return .success(money)
        case .number:
            do throws(MoneyError) { return .success(try Money(number: number() ?? .nan)) } catch {
                return .failure(AmountProblem(message: error.message))
            }
        default:
            guard let bytes = bytes() else { return .failure(AmountProblem(message: "an amount is missing")) }
            do throws(MoneyError) { return .success(try Money(parsing: bytes)) } catch {
                return .failure(AmountProblem(message: error.message))
            }
        }
    }
}

extension LuaWriter {
    /// nil, message
    package func failure(_ message: String) {
        null()
        string(message)
    }

    /// nil, message, errno
    func failure(_ message: String, number: Int32) {
        failure(message)
        integer(Int64(number))
    }

    /// nil, code, message
    func failure(code: String, _ message: String) {
        null()
        string(code)
        string(message)
    }
}

/// Values as they stand in a log line.
enum LogText {
    static func plain(_ value: LuaValue) -> String {
        switch value {
        case .string(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .boolean(let flag): String(flag)
        case .box(let micro): Money(microUSDC: micro).description
        case .null, .nullSentinel: "null"
        case .array(let values): "[" + values.map(plain).joined(separator: ",") + "]"
        case .table(let entries):
            "{" + entries.map { plain($0.key) + "=" + plain($0.value) }.sorted().joined(separator: ",") + "}"
        case .task: "task"
        }
    }
}
