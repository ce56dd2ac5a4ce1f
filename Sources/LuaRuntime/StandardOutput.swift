// The process's standard output, shared with what scripts print: one buffer, one order.

import CLuaHost

/// Standard output as scripts write it.
package enum StandardOutput {
    /// Adds text to the buffer.
    package static func write(_ text: String) {
        var text = text
        text.withUTF8 { lh_output_write($0.baseAddress, $0.count) }
    }

    /// Writes the buffer out. False when that failed, now or before.
    @discardableResult package static func flush() -> Bool { lh_output_flush() != 0 }
}
