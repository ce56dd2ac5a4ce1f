// Regular expressions for what differs from run to run.

enum Pattern {
    /// A UUID of version 7.
    static let id = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
}

extension String {
    /// Whether the whole text matches; a pattern that is none matches nothing.
    func isWhole(_ pattern: String) -> Bool { ((try? Regex(pattern).wholeMatch(in: self)) ?? nil) != nil }

    /// Whether a part of the text matches.
    func has(_ pattern: String) -> Bool { ((try? Regex(pattern).firstMatch(in: self)) ?? nil) != nil }
}
