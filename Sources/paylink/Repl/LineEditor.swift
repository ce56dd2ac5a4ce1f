// Lines typed at a terminal, with editing, history and completion: libedit, as CLineEdit shows it.

import CLineEdit
import Glibc

/// An editor of the terminal. It belongs to the thread that made it; only ``wake(_:)`` is for others.
final class LineEditor {
    enum Typed {
        case line([UInt8])
        /// Ctrl-D.
        case end
        /// Ctrl-C; what was typed is dropped.
        case interrupted
        /// Somebody wanted an end of it: ``Waker/stop``.
        case stopped
    }

    /// What follows the text before the cursor: given it, what is to be inserted and what shown below the line.
    typealias Completer = (_ before: [UInt8]) -> (insert: String, shown: String)

    private let editor: OpaquePointer
    private let box: Box
    let waker: Waker

    /// `nil`: there can be none, as for want of memory.
    init?(history lines: Int, completer: @escaping Completer) {
        box = Box(completer)
        let made = cl_open(
            "paylink", Int32(lines),
            { context, before, count, insert, shown in
                guard let context, let before else { return }
                // Safe because: the editor's owner holds the box for as long as it reads.
                let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
                let text = UnsafeBufferPointer(start: before, count: count).map { UInt8(bitPattern: $0) }
                let found = box.completer(text)
                insert?.pointee = strdup(found.insert)
                shown?.pointee = strdup(found.shown)
            }, Unmanaged.passUnretained(box).toOpaque())
        guard let made else { return nil }
        editor = made
        waker = Waker(made)
    }

    /// The terminal is as it was before.
    deinit {
        waker.retire()
        cl_close(editor)
    }

    func read(_ prompt: String) -> Typed {
        var line: UnsafePointer<CChar>?
        let end = cl_read(editor, prompt, &line)
        switch cl_end(UInt32(bitPattern: end)) {
        case CL_LINE:
            guard let line else { return .end }
            let bytes = UnsafeBufferPointer(start: line, count: strlen(line)).map { UInt8(bitPattern: $0) }
            return .line(bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes)
        case CL_INTERRUPTED: return .interrupted
        case CL_STOPPED: return .stopped
        default: return .end
        }
    }

    /// The arrow keys lead to it.
    func remember(_ line: String) { cl_remember(editor, line) }

    private final class Box {
        let completer: Completer
        init(_ completer: @escaping Completer) { self.completer = completer }
    }
}
