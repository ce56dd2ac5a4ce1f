// What is wrong with a settings file: where, which key, and what to do.

/// One problem of one file.
package struct SettingsProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// 1 for the first line; `nil` when it concerns the whole file.
    package var line: Int?
    /// `nil` when it is the file's syntax or the file itself.
    package var key: String?
    package var message: String

    package init(file: String, line: Int? = nil, key: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
    }

    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.map { "\(place): \($0) \(message)" } ?? "\(place): \(message)"
    }
}

/// All problems of all files, as an error.
package struct SettingsProblems: Error, Sendable, CustomStringConvertible {
    package var all: [SettingsProblem]

    package init(_ all: [SettingsProblem]) { self.all = all }

    package var description: String { all.map(\.description).joined(separator: "\n") }
}
