// Durations as people write them: "90s", "15m", "2h30m", "7d", or a number of seconds.

/// Reads and prints durations in the form that scripts and commands share.
public enum DurationText {
    /// The longest accepted: ten years.
    public static let maximum: Duration = .seconds(10 * 366 * 86_400)

    /// A duration such as "1.5s", "90s", "15m", "2h30m", "7d" or "500ms"; a bare number is seconds.
    ///
    /// - Returns: `nil` when the text is no duration, is negative or longer than ``maximum``.
    public static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        guard (1...64).contains(text.utf8.count) else { return nil }
        var total = Duration.zero
        var smallest = Int64.max
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let amount = decimal(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            let scale: Int64
            switch unit {
            case "" where digits.count == text.count, "s": scale = 1000
            case "ms": scale = 1
            case "m": scale = 60_000
            case "h": scale = 3_600_000
            case "d": scale = 86_400_000
            case "w": scale = 7 * 86_400_000
            default: return nil
            }
            guard scale < smallest else { return nil }  // largest unit first, each once
            smallest = scale
            total += .nanoseconds(amount) * scale / 1000
            guard total <= maximum else { return nil }
        }
        return total
    }

    /// A number of seconds as a duration; `nil` when it is negative, not finite or too large.
    public static func seconds(_ seconds: Double) -> Duration? {
        guard seconds.isFinite, seconds >= 0, seconds <= 10 * 366 * 86_400 else { return nil }
        return .nanoseconds(Int64(seconds * 1e9))
    }

    /// The one spelling of a duration, for comparing what was written: seconds, or the finer unit that it needs.
    static func canonical(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds == 0 { return "\(seconds)s" }
        if nanoseconds % 1_000_000 == 0 { return "\(seconds * 1000 + nanoseconds / 1_000_000)ms" }
        return "\(seconds)s\(nanoseconds)ns"
    }

    /// What ``canonical(_:)`` wrote; `nil` for any other text.
    static func canonical(parsing text: String) -> Duration? {
        guard text.hasSuffix("ns") else { return parse(text) }
        let parts = text.dropLast(2).split(separator: "s")
        guard parts.count == 2, let seconds = Int64(parts[0]), let nanoseconds = Int64(parts[1]) else { return nil }
        return .seconds(seconds) + .nanoseconds(nanoseconds)
    }

    /// What to write instead, for messages.
    public static let advice = "use a form like \"90s\", \"15m\", \"2h30m\" or \"7d\", or a number of seconds"

    /// Digits with an optional fraction, in billionths.
    private static func decimal(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole < 1_000_000_000 else { return nil }
        guard parts.count == 2 else { return whole * 1_000_000_000 }
        guard (1...9).contains(parts[1].count), let fraction = Int64(parts[1]) else { return nil }
        var scaled = fraction
        for _ in parts[1].count..<9 { scaled *= 10 }
        return whole * 1_000_000_000 + scaled
    }
}
