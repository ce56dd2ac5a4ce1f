// The values behind a script's secrets. Lua knows their numbers; text on its way to people or to Lua passes here.

import Console
import LuaRuntime
import OneShotPay

/// The secrets that one script has named. Belongs to its event loop.
final class SecretBook {
    private var numbers: [String: Int64] = [:]
    private var values: [[UInt8]] = []
    private var redactor = Redactor()
    /// Values that were made of secrets, such as the text of an `Authorization` header.
    private var derived: Set<String> = []

    /// Whether no secret is known, so that nothing needs to be taken out.
    var isEmpty: Bool { values.isEmpty }

    func number(of name: String) -> Int64? { numbers[name] }

    /// Takes in a value that was read, unless another task was faster.
    func add(_ name: String, _ value: String) -> Int64 {
        if let number = numbers[name] { return number }
        values.append(Array(value.utf8))
        let number = Int64(values.count)
        numbers[name] = number
        redactor.add(secret: value)
        return number
    }

    /// Keeps a value out of everything that is shown, too.
    func hide(_ value: String) {
        if derived.count < 1000, derived.insert(value).inserted { redactor.add(secret: value) }
    }

    func value(_ number: Int64) -> [UInt8]? {
        values.indices.contains(Int(clamping: number) - 1) ? values[Int(number) - 1] : nil
    }

    // MARK: Taking them out

    func redact(_ text: String) -> String { isEmpty ? text : redactor.redact(text) }
    func redact(_ bytes: [UInt8]) -> [UInt8] { isEmpty ? bytes : redactor.redact(bytes) }

    func redact(_ message: LogMessage) -> LogMessage {
        guard !isEmpty else { return message }
        var message = message
        message.text = redact(message.text)
        message.fields = message.fields.map { (redact($0.name), redact($0.value)) }
        return message
    }

    func redact(_ failure: ScriptFailure) -> ScriptFailure {
        guard !isEmpty else { return failure }
        var failure = failure
        failure.message = redact(failure.message)
        failure.traceback = redact(failure.traceback)
        failure.ignoredFailure = failure.ignoredFailure.map(redact)
        return failure
    }
}
