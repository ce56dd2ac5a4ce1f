// Whether colours may be written: the one rule for messages, logs and QR codes.

internal import Glibc

/// Colours on a terminal.
package enum TerminalColours {
    /// Whether a terminal that knows colours is behind a descriptor, and `NO_COLOR` is not set to anything.
    package static func areShown(on descriptor: Int32) -> Bool {
        isatty(descriptor) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
            && getenv("TERM").map { String(cString: $0) } != "dumb"
    }
}
