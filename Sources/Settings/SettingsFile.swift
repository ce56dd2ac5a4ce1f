// One settings file, read and checked: every key against the table, all problems at once.

import Glibc
import TOMLKit

/// What a settings file says, and what is wrong with it.
package struct SettingsFile: Sendable {
    /// Judges a text of a kind that this target knows nothing of; completes "KEY …", `nil` when it is good.
    package typealias Judge = @Sendable (SettingsKind, String) -> String?

    package let path: String
    /// By key; secrets as `secrets.NAME`.
    package internal(set) var entries: [String: SettingsEntry] = [:]
    /// `[profile.NAME]`s that it has.
    package internal(set) var profiles: [String] = []
    package internal(set) var problems: [SettingsProblem] = []

    static let maximumSize = 1 << 20

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - isNamed: somebody asked for this very file, so it must be there.
    ///   - profile: which profile's values go over the others.
    /// - Returns: `nil` when there is none. What cannot be read at all is a problem of the file.
    package static func read(
        _ path: String, isNamed: Bool = false, profile: String? = nil, user: UInt32 = geteuid(), judge: @escaping Judge
    ) -> SettingsFile? {
        // Without O_NONBLOCK a pipe in its place would block for ever.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            let isMissing = errno == ENOENT || errno == ENOTDIR
            if isMissing, !isNamed { return nil }
            return SettingsFile(path, problem: "cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG || isNamed && isNull(status) else {
            return SettingsFile(path, problem: "is no regular file")
        }
        guard let bytes = FileBytes.read(file, atMost: maximumSize), let text = String(validating: bytes, as: UTF8.self)
        else { return SettingsFile(path, problem: "cannot be read, is larger than 1 MB, or is no UTF-8 text") }
        return SettingsFile(path, text: text, trust: FileTrust(status), user: user, profile: profile, judge: judge)
    }

    /// `--config /dev/null`: no settings file at all.
    private static func isNull(_ status: stat) -> Bool {
        var null = stat()
        return stat("/dev/null", &null) == 0 && null.st_rdev == status.st_rdev && status.st_mode & S_IFMT == S_IFCHR
    }

    private init(_ path: String, problem: String) {
        self.path = path
        problems = [SettingsProblem(file: path, message: problem)]
    }

    /// - Parameter user: who runs this; a file that others can change is not acted upon.
    package init(
        _ path: String, text: String, trust: FileTrust, user: UInt32, profile: String? = nil, judge: @escaping Judge
    ) {
        self.path = path
        let table: TOMLTable
        do { table = try TOMLTable(string: text) } catch let error as TOMLParseError {
            problems = [
                SettingsProblem(
                    file: path, line: error.source.begin.line,
                    message: "no valid TOML in column \(error.source.begin.column): \(Self.reason(error.description))")
            ]
            return
        } catch {
            problems = [SettingsProblem(file: path, message: "no valid TOML: \(error)")]
            return
        }
        var reading = SettingsReading(path: path, lines: SettingsLines(text), judge: judge)
        reading.readAll(table)
        profiles = reading.profiles.keys.sorted()
        problems = reading.problems
        entries = reading.entries
        if let profile, let chosen = reading.profiles[profile] { entries.merge(chosen) { $1 } }
        distrust(trust, user, reading.profiles)
    }

    /// Drops what a stranger could have written to do harm.
    private mutating func distrust(
        _ trust: FileTrust, _ user: UInt32, _ profiles: [String: [String: SettingsEntry]]
    ) {
        guard let reason = trust.settingsProblem(user: user) else { return }
        let sensitive = entries.filter { SettingsKey.named($0.key)?.isSensitive ?? true }
        guard let first = sensitive.min(by: { ($0.value.line ?? 0, $0.key) < ($1.value.line ?? 0, $1.key) }) else {
            return
        }
        for name in sensitive.keys { entries[name] = nil }
        problems.append(
            SettingsProblem(
                file: path, line: first.value.line, key: first.key,
                message: "is not accepted from a file that somebody else can change: \(reason)"))
    }

    /// The parser's words without its preamble, on one line.
    private static func reason(_ text: String) -> String {
        text.split(separator: "\n").joined(separator: " ")
    }
}
