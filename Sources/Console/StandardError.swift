// Messages of paylink's own, on standard error.

import Glibc
import Synchronization

/// Standard error, written without a buffer: what is said before a crash is there after it.
package enum StandardError {
    /// A message under paylink's name, made fit to be shown: ``ShownText/lines(_:)``.
    package static func message(_ text: String) { write("paylink: \(ShownText.lines(text))\n") }

    /// Text as it is, in the place of a status line where one is drawn.
    package static func write(_ text: String) {
        isStatusDrawn.withLock { isDrawn in
            writeBytes(isDrawn ? clearing + text : text)
            isDrawn = false
        }
    }

    /// Draws the last line of a terminal anew; whatever is written next takes its place. For terminals only.
    package static func drawStatus(_ text: String) {
        isStatusDrawn.withLock { isDrawn in
            writeBytes(clearing + text)
            isDrawn = true
        }
    }

    /// Takes the status line away, where one is drawn.
    package static func clearStatus() { write("") }

    private static let isStatusDrawn = Mutex(false)
    private static let clearing = "\r\u{1B}[K"

    private static func writeBytes(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(2, rest.baseAddress, rest.count)
                guard count > 0 || errno == EINTR else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(0, count)))
            }
        }
    }
}
