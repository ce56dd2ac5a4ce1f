// When a link that lives so long expires, in the whole seconds that the service takes.

import Glibc

package enum Expiry {
    /// The Unix second at or after the moment so far from now: a link never lives shorter than asked for.
    package static func unixSeconds(after delay: Duration) -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let (seconds, attoseconds) = delay.components
        let nanoseconds = Int64(now.tv_nsec) + attoseconds / 1_000_000_000
        return Int64(now.tv_sec) + seconds + (nanoseconds + 999_999_999) / 1_000_000_000
    }
}
