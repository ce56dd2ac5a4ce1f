// Operations that are answered at once.

import Console
import LuaRuntime
import OneShotPay
import Recorder

extension ScriptHost {
    /// Writes the values that a host call returns. False: the one value written is raised.
    func answer(_ operation: Operation, _ arguments: inout LuaReader, _ reply: LuaWriter) -> Bool {
        if let refuse = untrustedRefusal(of: operation) {
            refuse(reply)
            return true
        }
        switch operation {
        case .amountProblem: answerAmountProblem(&arguments, reply)
        case .cancel: if let task = arguments.task() { cancel(task) }
        case .log: answerLog(&arguments)
        case .qr: answerQR(&arguments, reply)
        case .module: answerModule(&arguments, reply)
        case .moduleDone: answerModuleDone(&arguments)
        case .environment:
            if let value = arguments.string().flatMap({ options.environment[$0] }) { reply.string(value) }
        case .exitStatus: exitStatus = Int32(truncatingIfNeeded: arguments.integer() ?? 0) & 0xFF
        case .groupAdd: answerGroupAdd(&arguments, reply)
        case .groupClose: if let id = arguments.integer(), let group = groups[id] { closeGroup(id, group) }
        case .facts: answerFacts(reply)
        case .prelude:
            if let text = arguments.string().flatMap(Prelude.text(of:)) { text.withUnsafeBytes { reply.string($0) } }
        case .reference: reference = arguments.string()
        case .benchCall: reply.integer(arguments.integer() ?? 0)
        case .onceLeave: answerOnceLeave(&arguments)
        case .csvOpen: answerOpen(&arguments, reply)
        case .csvChoose: answerChoose(&arguments, reply)
        case .csvNext: answerNext(&arguments, reply)
        case .csvClose: if let id = arguments.integer() { tables.readers[id] = nil }
        case .csvCreate: answerCreate(&arguments, reply)
        case .csvWrite: answerWrite(&arguments, reply)
        case .csvFinish: answerFinish(&arguments, reply)
        case .csvDiscard: if let id = arguments.integer() { tables.writers[id] = nil }
        case .followUp: answerFollowUp(&arguments, reply)
        case .watchDone: answerWatchDone(&arguments)
        case .openFile: answerOpenFile(&arguments, reply)
        case .removeFile: answerRemoveFile(&arguments, reply)
        case .renameFile: answerRenameFile(&arguments, reply)
        case .ignored: answerIgnored(&arguments)
        case .create, .get, .wait, .sleep, .join, .joinAny, .groupNext, .benchWait, .find, .list, .once, .onceEnd,
            .httpSend, .mailSend, .runProgram, .readSecret, .csvAppend, .watchNext, .moduleWait:
            break
        }
        return true
    }

    /// What never changes while the script runs: its name and arguments, whether it is untrusted, whether it has the
    /// module bench, and the facts of its job, if it is one.
    private func answerFacts(_ reply: LuaWriter) {
        reply.beginArray(hint: options.arguments.count + 1)
        for argument in [source.name] + options.arguments { reply.string(argument) }
        reply.end()
        reply.boolean(options.isUntrusted)
        reply.boolean(options.offersBenchCalls)
        options.job?.write(to: reply)
    }

    private func answerLog(_ arguments: inout LuaReader) {
        guard let level = arguments.string().flatMap(LogLevel.init), level >= options.logLevel else { return }
        let text = arguments.value()?.stringValue ?? ""
        var fields: [(name: String, value: String)] = []
        if case .table(let entries)? = arguments.value() {
            fields = entries.map { (LogText.plain($0.key), LogText.plain($0.value)) }
            fields.sort { $0.name < $1.name }
        }
        log(LogMessage(level: level, text: text, fields: fields))
    }

    private func answerQR(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        guard let text = arguments.string(), let code = QRCode.text(text, .of(1)) else { return reply.null() }
        reply.string(code)
    }

    /// A duration as a script writes it, or `nil`.
    func readDuration(_ arguments: inout LuaReader) -> Duration? {
        switch arguments.kind {
        case .string: arguments.string().flatMap(DurationText.parse)
        case .integer: arguments.integer().flatMap { DurationText.seconds(Double($0)) }
        case .number: arguments.number().flatMap(DurationText.seconds)
        default: nil
        }
    }

    /// An amount as a script writes it: a decimal string, an integer of dollars, money, or an exact number.
    func readMoney(_ arguments: inout LuaReader) -> Result<Money, AmountProblem> {
        switch arguments.kind {
        case .box: return .success(Money(microUSDC: arguments.box() ?? 0))
        case .integer:
            let dollars = arguments.integer() ?? 0
            guard let money = Money(dollars: dollars) else {
                return .failure(AmountProblem(message: "the amount \(dollars) is too large"))
            }
            return .success(money)
        case .number:
            do throws(MoneyError) { return .success(try Money(number: arguments.number() ?? .nan)) } catch {
                return .failure(AmountProblem(message: error.message))
            }
        default:
            guard let bytes = arguments.bytes() else { return .failure(AmountProblem(message: "an amount is missing")) }
            do throws(MoneyError) { return .success(try Money(parsing: bytes)) } catch {
                return .failure(AmountProblem(message: error.message))
            }
        }
    }
}

struct AmountProblem: Error {
    var message: String
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
