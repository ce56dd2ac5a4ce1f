// How other threads reach the one that waits for a key.

import CLineEdit
import Synchronization

/// Tells an editor of something, from any thread, until there is no editor any more.
final class Waker: Sendable {
    enum Word {
        /// Something was written where the line stood.
        case redraw
        /// The terminal has another size.
        case resize
        /// The process goes on after it was stopped, and somebody has had the terminal since.
        case goOn
        /// The process is to be stopped, and the terminal to be given back before.
        case suspend
        case interrupt, stop

        fileprivate var raw: Int32 {
            let word =
                switch self {
                case .redraw: CL_WAKE_REDRAW
                case .resize: CL_WAKE_RESIZE
                case .goOn: CL_WAKE_CONTINUE
                case .suspend: CL_WAKE_SUSPEND
                case .interrupt: CL_WAKE_INTERRUPT
                case .stop: CL_WAKE_STOP
                }
            return Int32(bitPattern: word.rawValue)
        }
    }

    private struct Editor: @unchecked Sendable {
        // Safe because: `cl_wake` may be called by any thread, and the lock is held while the editor is let go.
        var pointer: OpaquePointer?
    }

    private let editor: Mutex<Editor>

    init(_ editor: OpaquePointer) { self.editor = Mutex(Editor(pointer: editor)) }

    func tell(_ word: Word) { editor.withLock { if let editor = $0.pointer { cl_wake(editor, word.raw) } } }

    /// The editor goes away.
    func retire() { editor.withLock { $0.pointer = nil } }
}
