// Messages of paylink's own, on standard error.

import Glibc

/// Standard error, written without a buffer: what is said before a crash is there after it.
package enum StandardError {
    /// A message under paylink's name, made fit to be shown: ``ShownText/lines(_:)``.
    package static func message(_ text: String) { write("paylink: \(ShownText.lines(text))\n") }

    /// Text as it is.
    package static func write(_ text: String) {
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
