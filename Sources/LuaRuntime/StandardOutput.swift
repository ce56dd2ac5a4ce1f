// The process's standard output, shared with what scripts print: one buffer, one order.

import CLuaHost

/// Standard output as scripts write it.
package enum StandardOutput {
    /// Adds text to the buffer.
    package static func write(_ text: String) {
        var text = text
        text.withUTF8 { lh_output_write($0.baseAddress, $0.count) }
    }

    /// Writes every line out as it ends, so that it keeps its place among what goes to standard error. To be called
    /// while the buffer is empty.
    package static func writeByLine() { lh_output_by_line() }

    /// Keeps lines until the next ``flush()``, on a terminal too: whoever draws there makes room first. To be called while
    /// the buffer is empty.
    package static func writeByFlush() { lh_output_by_flush() }

    /// Whether something waits to be written out.
    package static var isPending: Bool { lh_output_pending() != 0 }

    /// Whether writing has failed because nobody reads any more, as behind `| head`. A script that prints then is ended.
    package static var isAbandoned: Bool { lh_output_abandoned() != 0 }

    /// Writes the buffer out. False when that failed, now or before.
    @discardableResult package static func flush() -> Bool { lh_output_flush() != 0 }
}
