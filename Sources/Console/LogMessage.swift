// Messages with a level and fields.

/// How much a message matters.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, warn, error

    /// In the order of the cases.
    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }
}

/// One message for whoever runs paylink: of a script's `log`, or of the host's own.
public struct LogMessage: Sendable {
    /// How much it matters.
    public var level: LogLevel
    /// What happened, as the script put it.
    public var text: String
    /// In the order in which they are shown: by name.
    public var fields: [(name: String, value: String)]

    public init(level: LogLevel, text: String, fields: [(name: String, value: String)] = []) {
        self.level = level
        self.text = text
        self.fields = fields
    }
}
