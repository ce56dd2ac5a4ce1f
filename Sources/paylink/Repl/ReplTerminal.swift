// Where a session's lines come from: a terminal with editing, or any other standard input as it is.

import CLineEdit
import Console
import Glibc
import Synchronization

/// The lines of a session. All but the words to its ``Waker`` is for one thread.
final class ReplTerminal {
    /// Whether a person sits before it.
    static var isThere: Bool { isatty(0) == 1 && isatty(1) == 1 }

    private let editor: LineEditor?
    private let history: ReplHistory?

    /// - Parameter complete: gives the names that can follow, and how much of them is there already.
    init(_ history: ReplHistory?, complete: @escaping (_ before: [UInt8]) -> (length: Int, names: [String])) {
        self.history = history
        guard Self.isThere else {
            editor = nil
            return
        }
        editor = LineEditor(history: ReplHistory.most) { before in
            // Where nothing is to be completed, Tab is for indenting.
            if before.allSatisfy({ $0 == UInt8(ascii: " ") }) { return ("  ", "") }
            let found = complete(before)
            return Completion.of(found.names, length: found.length, columns: Terminal.width)
        }
        for line in history?.load() ?? [] { editor?.remember(line) }
    }

    var waker: Waker? { editor?.waker }

    /// Whether what is being typed is for the history: its first line decides.
    private var isKept = true
    private var isFirst = true

    /// - Parameter goesOn: the line belongs to a chunk of which there are some already.
    func read(goesOn: Bool) -> LineEditor.Typed {
        guard let editor else { return plainLine() }
        let typed = editor.read(goesOn ? ">> " : "> ")
        if case .line(let bytes) = typed {
            let line = String(decoding: bytes, as: UTF8.self)
            if !goesOn { isKept = line.first != " " }
            if isKept, ReplHistory.canKeep(line) {
                editor.remember(line)
                history?.add(line)
            }
        }
        return typed
    }

    /// From the buffer that a script's own io.read takes its lines from.
    private func plainLine() -> LineEditor.Typed {
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        let count = cl_plain_line(&line, &capacity)
        guard count > 0, let line else { return .end }
        var bytes = UnsafeBufferPointer(start: line, count: count).map { UInt8(bitPattern: $0) }
        // What an editor puts before the first line is none of it.
        if isFirst, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        isFirst = false
        return .line(bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes)
    }
}

/// How the terminal was at the start, for an end in which nobody gives it back.
enum TerminalModes {
    private static let saved = Mutex<termios?>(nil)

    static func save() {
        var modes = termios()
        if tcgetattr(0, &modes) == 0 { saved.withLock { $0 = modes } }
    }

    static func restore() {
        saved.withLock { if var modes = $0 { tcsetattr(0, TCSANOW, &modes) } }
    }
}
