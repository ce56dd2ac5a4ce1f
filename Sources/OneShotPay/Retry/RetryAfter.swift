// Reads the Retry-After header in both of its forms (RFC 9110, 10.2.3). Garbage is no answer, not an error.

import HTTPTransport

/// How long a server asked to wait.
package enum RetryAfter {
    /// The longest wait that is taken at its word: a day.
    static let longest = Duration.seconds(86_400)

    /// The wait, or `nil` when the value is neither seconds nor a date.
    /// - Parameter now: Unix seconds; a date in the past means no wait.
    package static func parse(_ value: String, now: Int64) -> Duration? {
        let text = value.utf8.drop { $0 == 0x20 || $0 == 0x09 }
        guard let first = text.first else { return nil }
        if first &- 0x30 <= 9 {
            var seconds: Int64 = 0
            var rest = text
            while let digit = rest.first, digit &- 0x30 <= 9 {
                seconds = min(seconds * 10 + Int64(digit - 0x30), 1_000_000_000)
                rest = rest.dropFirst()
            }
            // Some servers send fractions; the wait is then rounded up.
            if rest.first == UInt8(ascii: ".") {
                let decimals = rest.dropFirst().prefix { $0 &- 0x30 <= 9 }
                if decimals.contains(where: { $0 != 0x30 }) { seconds += 1 }
                rest = rest.dropFirst(1 + decimals.count)
            }
            guard rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
            return min(.seconds(seconds), longest)
        }
        guard let date = HTTPDate.parse(value) else { return nil }
        return min(max(.seconds(date - now), .zero), longest)
    }
}
