// The settings files that count, the nearest first.

package import Secrets

/// Settings of all files. A value of an earlier file goes before one of a later file; permissions add up.
package struct SettingsStack: Sendable {
    package var files: [SettingsFile]
    package private(set) var problems: [SettingsProblem] = []

    /// No file at all.
    package init() { files = [] }

    /// - Parameter profile: must be in one of the files.
    package init(_ files: [SettingsFile], profile: String? = nil) {
        self.files = files
        problems = files.flatMap(\.problems)
        if let profile, !files.contains(where: { $0.profiles.contains(profile) }) {
            let known = Set(files.flatMap(\.profiles)).sorted().joined(separator: ", ")
            problems.append(
                SettingsProblem(
                    file: files.first?.path ?? "settings",
                    message: "there is no profile \"\(profile)\" "
                        + (files.isEmpty
                            ? "because there is no settings file"
                            : known.isEmpty
                                ? "in any settings file: write [profile.\(profile)]" : "; there are: \(known)")))
        }
    }

    package var isEmpty: Bool { files.isEmpty }

    /// The value that counts.
    package subscript(_ key: String) -> SettingsEntry? {
        files.lazy.compactMap { $0.entries[key] }.first
    }

    package func text(_ key: String) -> String? { self[key]?.text }

    /// What all files name.
    package func list(_ key: String) -> [SettingsEntry] { files.compactMap { $0.entries[key] } }

    /// Where a secret is that scripts know by this name.
    package func secret(_ name: String) -> SecretPlace? { self["secrets.\(name)"]?.secret }

    /// The variables that some file, in some profile, says a secret is in.
    package var secretVariables: Set<String> {
        var names: Set<String> = []
        for case .environment(let name) in files.flatMap(\.secretPlaces) { names.insert(name) }
        return names
    }

    /// Every key that some file sets.
    package var keys: [String] { Set(files.flatMap { $0.entries.keys }).sorted() }

    /// Where files are looked for: the one that somebody named, or those beside the script and of the user.
    package static func places(
        named: String?, directory: String, environment: (String) -> String?
    ) -> [(path: String, isNamed: Bool)] {
        if let named { return [(named, true)] }
        var places = [
            (
                directory == "." ? "paylink.toml" : directory + (directory.hasSuffix("/") ? "" : "/") + "paylink.toml",
                false
            )
        ]
        if let folder = environment("XDG_CONFIG_HOME"), folder.hasPrefix("/") {
            places.append((folder + "/paylink/config.toml", false))
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            places.append((home + "/.config/paylink/config.toml", false))
        }
        return places
    }
}
