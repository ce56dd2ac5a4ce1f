// Instants as messages have them.

import Dates

package enum TimeText {
    /// "2026-11-28 09:00:00 UTC" for Unix seconds.
    package static func utc(_ unixSeconds: Int64) -> String {
        let time = CivilTime(unixSeconds: unixSeconds)
        return "\(time.dateText) \(time.timeText) UTC"
    }

    /// "2026-11-28T09:00:00Z" for Unix seconds.
    package static func iso(_ unixSeconds: Int64) -> String {
        let time = CivilTime(unixSeconds: unixSeconds)
        return "\(time.dateText)T\(time.timeText)Z"
    }
}
