// One settings file, read and checked: who may have written it, how much it holds, then every key against the table,
// all problems at once.

package import Advice
import Files
import Glibc
package import Secrets
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
    /// Where it says that secrets are, in every profile, chosen or not.
    package internal(set) var secretPlaces: [SecretPlace] = []
    package internal(set) var problems: [SettingsProblem] = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - isNamed: somebody asked for this very file, so it must be there.
    ///   - profile: which profile's values go over the others.
    ///   - words: what messages call the means that they advise.
    /// - Returns: `nil` when there is none. What cannot be read at all is a problem of the file.
    package static func read(
        _ path: String, isNamed: Bool = false, profile: String? = nil, user: UInt32 = geteuid(),
        words: AdviceWords = .neutral, judge: @escaping Judge
    ) -> SettingsFile? {
        if isNamed, isNull(path) { return SettingsFile(path) }
        let opened: (file: Int32, status: stat)
        // A pipe in its place would block for ever, and a device might not like to be opened.
        do throws(OrdinaryFile.Problem) { opened = try OrdinaryFile.open(path) } catch {
            let isMissing = error == .system(ENOENT) || error == .system(ENOTDIR)
            return isMissing && !isNamed ? nil : SettingsFile(path, problem: error.description)
        }
        defer { close(opened.file) }
        let trust = FileTrust(opened.status)
        // What a stranger may have written is not even read.
        if let problem = trust.settingsProblem(user: user, words) { return SettingsFile(path, problem: problem) }
        let limit = SettingsBounds().size
        guard let bytes = try? FileBytes.read(opened.file, atMost: limit) else {
            return SettingsFile(path, problem: "cannot be read, or is larger than \(limit >> 10) KB")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return SettingsFile(path, problem: "is no UTF-8 text")
        }
        return SettingsFile(path, text: text, trust: trust, user: user, profile: profile, words: words, judge: judge)
    }

    /// `--config /dev/null`: no settings file at all.
    private static func isNull(_ path: String) -> Bool {
        var null = stat(), status = stat()
        return stat("/dev/null", &null) == 0 && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR
            && status.st_rdev == null.st_rdev
    }

    private init(_ path: String, problem: String? = nil) {
        self.path = path
        problems = problem.map { [SettingsProblem(file: path, message: $0)] } ?? []
    }

    /// - Parameters:
    ///   - user: who runs this; a file that others can change is not acted upon.
    ///   - bounds: what is more than this reaches no parser.
    package init(
        _ path: String, text: String, trust: FileTrust, user: UInt32, profile: String? = nil,
        bounds: SettingsBounds = SettingsBounds(), words: AdviceWords = .neutral, judge: @escaping Judge
    ) {
        self.init(path, problem: trust.settingsProblem(user: user, words))
        guard problems.isEmpty else { return }
        do throws(SettingsExcess) { try SettingsScan.check(text, bounds) } catch {
            let what = error.isSyntax ? "no valid TOML" : "more than a settings file may hold"
            let message = "\(what) in column \(error.column): \(error.message)"
            problems = [SettingsProblem(file: path, line: error.line, message: message)]
            return
        }
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
        secretPlaces = ([entries] + reading.profiles.values).flatMap { $0.values.compactMap(\.secret) }
        if let profile, let chosen = reading.profiles[profile] { entries.merge(chosen) { $1 } }
    }

    /// The parser's words without its preamble, on one line.
    private static func reason(_ text: String) -> String {
        text.split(separator: "\n").joined(separator: " ")
    }
}
