// Goes through a parsed settings file, key by key, and collects values and problems.

import Secrets
import TOMLKit

/// The work on one file.
struct SettingsReading {
    let path: String
    let lines: SettingsLines
    let judge: SettingsFile.Judge
    private(set) var entries: [String: SettingsEntry] = [:]
    private(set) var profiles: [String: [String: SettingsEntry]] = [:]
    private(set) var problems: [SettingsProblem] = []

    init(path: String, lines: SettingsLines, judge: @escaping SettingsFile.Judge) {
        self.path = path
        self.lines = lines
        self.judge = judge
    }

    mutating func readAll(_ table: TOMLTable) {
        entries = read(table, at: "", isTop: true)
        guard let value = table["profile"] else { return }
        guard let all = value.table else {
            return refuse("profile", "must be tables: write [profile.NAME]")
        }
        for name in all.keys.sorted() {
            guard let profile = all[name]?.table else {
                refuse("profile.\(name)", "must be a table: write [profile.\(name)]")
                continue
            }
            profiles[name] = read(profile, at: "profile.\(name).", isTop: false)
        }
    }

    /// - Parameter place: what stands before a key's name, for its line: a profile.
    private mutating func read(_ table: TOMLTable, at place: String, isTop: Bool) -> [String: SettingsEntry] {
        var found: [String: SettingsEntry] = [:]
        for name in table.keys.sorted() where !(isTop && name == "profile") {
            guard let value = table[name] else { continue }
            if name == "secrets" || SettingsKey.tables.contains(name) {
                guard let inner = value.table else {
                    refuse(place + name, "must be a table: write [\(place)\(name)]")
                    continue
                }
                for key in inner.keys.sorted() {
                    guard let value = inner[key] else { continue }
                    take(value, "\(name).\(key)", at: place, into: &found)
                }
            } else {
                take(value, name, at: place, into: &found)
            }
        }
        return found
    }

    private mutating func take(
        _ value: any TOMLValueConvertible, _ name: String, at place: String, into found: inout [String: SettingsEntry]
    ) {
        guard let key = SettingsKey.named(name) else {
            if name.hasPrefix("secrets.") {
                return refuse(place + name, "is no name of a secret: letters, digits, _ - and .")
            }
            let hint = SettingsKey.suggestion(for: name).map { "; did you mean \($0)?" } ?? ""
            return refuse(place + name, "is no setting" + hint)
        }
        switch checked(value, key) {
        case .success(let value):
            found[name] = SettingsEntry(value: value, file: path, line: lines[place + name])
        case .failure(let problem): refuse(place + name, problem.text)
        }
    }

    private struct Reason: Error {
        var text: String
    }

    private mutating func refuse(_ key: String, _ message: String) {
        problems.append(SettingsProblem(file: path, line: lines[key], key: key, message: message))
    }

    private func checked(_ value: any TOMLValueConvertible, _ key: SettingsKey) -> Result<SettingsValue, Reason> {
        let wrong = Reason(text: "must be \(key.kind.description)")
        switch key.kind {
        case .secret: return secret(value, wrong)
        case .names, .folders, .hosts, .recipients, .programs:
            guard let array = value.array else { return .failure(wrong) }
            var list: [String] = []
            for item in array {
                guard let text = item.string, !text.isEmpty else { return .failure(wrong) }
                if let problem = judge(key.kind, text) { return .failure(Reason(text: problem)) }
                list.append(key.kind == .folders ? absolute(text) : text)
            }
            return .success(.list(list))
        case .rate, .count, .size, .money, .duration:
            guard let text = number(value, key.kind) else { return .failure(wrong) }
            if key.kind == .count, Int(text).map({ $0 < 0 }) ?? true { return .failure(wrong) }
            if key.kind == .rate, Double(text).map({ !($0 > 0 && $0 <= 100_000) }) ?? true { return .failure(wrong) }
            if let problem = judge(key.kind, text) { return .failure(Reason(text: problem)) }
            return .success(.text(text))
        case .text, .choice, .url, .path, .place:
            guard let text = value.string, !text.isEmpty else { return .failure(wrong) }
            if case .choice(let names) = key.kind, !names.contains(text) { return .failure(wrong) }
            if let problem = judge(key.kind, text) { return .failure(Reason(text: problem)) }
            let isFile = key.kind == .path || key.kind == .place && text != ":memory:" && !text.contains("://")
            return .success(.text(isFile ? absolute(text) : text))
        }
    }

    /// A number as text; the text itself where a unit may stand or money must be exact.
    private func number(_ value: any TOMLValueConvertible, _ kind: SettingsKind) -> String? {
        if let number = value.int { return String(number) }
        switch kind {
        case .duration, .rate:
            if let number = value.double {
                return number == number.rounded() ? String(Int(exactly: number) ?? -1) : "\(number)"
            }
            return kind == .duration ? value.string : nil
        case .size, .money: return value.string
        default: return nil
        }
    }

    private func secret(_ value: any TOMLValueConvertible, _ wrong: Reason) -> Result<SettingsValue, Reason> {
        if value.string != nil {
            return .failure(
                Reason(
                    text:
                        "must not be a secret itself, which everyone who sees this file would have; it \(wrong.text)"))
        }
        guard let table = value.table, table.count == 1, let way = table.keys.first, let place = table[way] else {
            return .failure(wrong)
        }
        switch way {
        case "file":
            guard let path = place.string, !path.isEmpty else { return .failure(wrong) }
            return .success(.secret(.file(absolute(path))))
        case "credential":
            guard let name = place.string, SecretPlace.isName(name) else { return .failure(wrong) }
            return .success(.secret(.credential(name)))
        case "env":
            guard let name = place.string, !name.isEmpty else { return .failure(wrong) }
            return .success(.secret(.environment(name)))
        case "command":
            guard let array = place.array else {
                return .failure(
                    Reason(
                        text:
                            "has a command that is no list: write { command = [\"PROGRAM\", \"ARGUMENT\"] }; no shell reads it"
                    ))
            }
            var words: [String] = []
            for item in array {
                guard let word = item.string else { return .failure(wrong) }
                words.append(word)
            }
            guard let program = words.first, !program.isEmpty else { return .failure(wrong) }
            // A name is looked up in PATH, a path begins at this file.
            if program.contains("/") { words[0] = absolute(program) }
            return .success(.secret(.command(words)))
        default: return .failure(wrong)
        }
    }

    /// Relative paths begin at the file's folder.
    private func absolute(_ text: String) -> String {
        if text.hasPrefix("/") { return text }
        guard let slash = path.lastIndex(of: "/") else { return text }
        return path[...slash] + text
    }
}
