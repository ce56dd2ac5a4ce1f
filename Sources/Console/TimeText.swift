// Instants as messages have them.

import Glibc

package enum TimeText {
    /// "2026-11-28 09:00:00 UTC" for Unix seconds.
    package static func utc(_ unixSeconds: Int64) -> String { text(unixSeconds, "%Y-%m-%d %H:%M:%S UTC") }

    /// "2026-11-28T09:00:00Z" for Unix seconds.
    package static func iso(_ unixSeconds: Int64) -> String { text(unixSeconds, "%Y-%m-%dT%H:%M:%SZ") }

    private static func text(_ unixSeconds: Int64, _ format: String) -> String {
        var seconds = time_t(unixSeconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 40)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
