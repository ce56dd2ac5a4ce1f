// How much a settings file may hold, and what keeps more from the parser: it is another's, and is not asked to stand up
// to everything. The scan (SettingsScan.swift) knows no more of TOML than where strings, comments and keys end.

/// The most that a settings file may hold: more than anybody writes, little enough for any parser.
package struct SettingsBounds: Sendable {
    /// The whole file, in bytes.
    package var size = 64 << 10
    package var lines = 2_000
    /// A line, in bytes.
    package var line = 8 << 10
    /// Keys and headers of tables, in all.
    package var keys = 1_000
    /// A key or a header with all its parts, in bytes.
    package var key = 256
    /// The parts of one, such as the four of `profile.test.run.memory`.
    package var parts = 6
    /// Lists and tables within one another, in one value.
    package var depth = 4

    package init() {}
}

/// What no parser is given, and where it stands.
struct SettingsExcess: Error, Hashable {
    /// From 1.
    var line: Int
    /// In characters, from 1.
    var column: Int
    var message: String
    /// It is no TOML anyway.
    var isSyntax: Bool
}
