// Standard error: messages, a script's log, and failures. Colour only on a terminal, and never with NO_COLOR.

import Console
import Glibc
import LuaRuntime
import Scripting

enum Terminal {
    static let isColoured = TerminalColours.areShown(on: 2)

    /// Columns of the terminal behind standard error; 80 when it does not say.
    static var width: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return max(20, Int(size.ws_col))
    }

    static func message(_ text: String) { StandardError.message(text) }

    static func write(_ text: String) { StandardError.write(text) }

    /// A line of standard output; false when it cannot be written.
    @discardableResult static func output(_ text: String) -> Bool {
        StandardOutput.write(text + "\n")
        return StandardOutput.flush()
    }

    /// What it means that standard output could not be written: nothing to speak of where nobody reads any more.
    static func lostOutput(_ status: ExitStatus = .done, _ text: String = "standard output could not be written")
        -> ExitStatus
    {
        if StandardOutput.isAbandoned { return status == .done ? .abandonedOutput : status }
        message(text)
        return .inputOutput
    }

    static func log(_ message: LogMessage) {
        let time = TimeText.iso(Int64(Glibc.time(nil)))
        var line = isColoured ? dim(time) : time
        line += " " + label(message.level) + " " + ShownText.line(message.text)
        for (name, value) in message.fields {
            let plain = ShownText.line(value)
            line +=
                " " + (isColoured ? dim(name + "=") : name + "=")
                + (plain.contains(" ") || plain.isEmpty ? "\"\(plain)\"" : plain)
        }
        write(line + "\n")
    }

    /// Why a script failed: the message, the call that it ignored, the line itself, the lines that led there.
    static func failure(_ failure: ScriptFailure, source: ScriptSource, hint: String? = nil) {
        var text = "paylink: \(ShownText.lines(bounded(failure.message)))\n"
        if let line = quotedLine(failure.message, source) { text += line }
        if let note = failure.ignoredFailure, failure.message.contains("a nil value") {
            text +=
                "  note: \(ShownText.lines(bounded(note)))\n        check its result, or wrap the call in assert(…)\n"
        }
        if let hint { text += "  hint: \(hint)\n" }
        if !failure.traceback.isEmpty { text += "stack:\n\(ShownText.lines(bounded(failure.traceback)))\n" }
        write(text)
    }

    private static func bounded(_ text: String) -> String {
        let limit = 4000
        guard text.utf8.count > limit else { return text }
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "… (\(text.utf8.count - limit) bytes more)"
    }

    /// "    7 | local x = = 1", for a message that begins with the script's name and a line.
    private static func quotedLine(_ message: String, _ source: ScriptSource) -> String? {
        guard message.hasPrefix(source.name + ":") else { return nil }
        let digits = message.dropFirst(source.name.count + 1).prefix { $0.isNumber }
        guard let number = Int(digits), number > 0 else { return nil }
        let lines = source.text.split(
            separator: UInt8(ascii: "\n"), maxSplits: number, omittingEmptySubsequences: false)
        guard number <= lines.count else { return nil }
        var bytes = lines[number - 1].prefix(160)
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        let line = String(decoding: bytes, as: UTF8.self)
        return line.isEmpty ? nil : "  \(number) | \(ShownText.line(line))\n"
    }

    private static func label(_ level: LogLevel) -> String {
        let name = level.rawValue
        guard isColoured else { return name }
        let colour =
            switch level {
            case .debug: "2"
            case .info: "36"
            case .warn: "33"
            case .error: "31"
            }
        return "\u{1B}[\(colour)m\(name)\u{1B}[0m"
    }

    private static func dim(_ text: String) -> String { "\u{1B}[2m\(text)\u{1B}[0m" }

    /// The batch commands' name for ``ShownText/line(_:)``.
    static func onOneLine(_ text: String) -> String { ShownText.line(text) }
}
