// Every key of a settings file, in one table: checks, suggestions and docs/settings.md come from it.

import Secrets

/// What a value must look like.
package enum SettingsKind: Sendable, Hashable {
    case text
    case choice([String])
    case url
    /// Relative paths begin at the settings file's folder.
    case path
    /// A path, a server's address as a URL, or ":memory:".
    case place
    case duration
    /// Requests a second.
    case rate
    case count
    case size
    case money
    case names
    case folders
    case hosts
    case recipients
    case programs
    case secret

    /// Completes "must be …".
    package var description: String {
        switch self {
        case .text: "a string"
        case .choice(let names): "one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        case .url: "an address such as \"https://1shotpay.com\""
        case .path: "a path as a string"
        case .place: "a path, or postgres://USER@HOST/DATABASE, as a string"
        case .duration: "a duration such as \"90s\" or \"15m\", or a number of seconds"
        case .rate: "a number of requests a second, above 0 and at most 100000"
        case .count: "a whole number, 0 or more"
        case .size: "a size such as \"64M\", or a number of bytes"
        case .money: "an amount of USD such as \"250.00\""
        case .names: "a list of names such as [\"SHOP_NAME\"]"
        case .folders: "a list of folders such as [\"data\"]"
        case .hosts: "a list of hosts such as [\"shop.example:443\"]"
        case .recipients: "a list of addresses such as [\"owner@shop.example\", \"@shop.example\"]"
        case .programs: "a list of programs such as [\"pdftotext\"]"
        case .secret:
            "a table that says where it is: { file = \"…\" }, { command = [\"…\"] }, { credential = \"…\" } or { env = \"…\" }"
        }
    }
}

/// One key.
package struct SettingsKey: Sendable, Hashable {
    /// With its table: `run.timeout`.
    package let name: String
    package let kind: SettingsKind
    package let meaning: String

    private init(_ name: String, _ kind: SettingsKind, _ meaning: String) {
        self.name = name
        self.kind = kind
        self.meaning = meaning
    }

    package static let all: [SettingsKey] = [
        SettingsKey("base_url", .url, "the service's address; plain http only for this machine"),
        SettingsKey("ca_file", .path, "a PEM file of certificates to trust as well"),
        SettingsKey("locale", .choice(["en", "es", "tr"]), "the language of checkout pages"),
        SettingsKey("ledger", .place, "where links are recorded: a file, or a server; \":memory:\" forgets them"),
        SettingsKey("ledger_password", .secret, "where the password of the ledger's server is"),
        SettingsKey("poll_rate", .rate, "requests a second that all waits together may make"),
        SettingsKey(
            "late_grace", .duration,
            "how long an unpaid link is followed after its end, in case it is paid late; 0 for not at all"),
        SettingsKey("log_level", .choice(["debug", "info", "warn", "error"]), "messages shown"),
        SettingsKey("user_id", .text, "the account's user id"),
        SettingsKey("token", .secret, "where the API token is"),
        SettingsKey("secrets.NAME", .secret, "where the secret is that a script calls NAME"),
        SettingsKey("allow.read", .folders, "folders that scripts may read"),
        SettingsKey("allow.write", .folders, "folders that scripts may read and write, and files"),
        SettingsKey("allow.net", .hosts, "hosts that scripts may reach with http and mail"),
        SettingsKey("allow.mail", .recipients, "whom scripts may send mail to: addresses, @domains, or *"),
        SettingsKey("allow.run", .programs, "programs that scripts may run"),
        SettingsKey("allow.env", .names, "environment variables that scripts may see"),
        SettingsKey("mail.server", .text, "the mail server, such as \"smtps://mail.example\", or \"sendmail\""),
        SettingsKey("mail.user", .text, "the user name at the mail server"),
        SettingsKey("mail.password_secret", .text, "the name of the secret that is the mail server's password"),
        SettingsKey("mail.from", .text, "the sender of mail that names none"),
        SettingsKey("run.timeout", .duration, "end a script after so long, waits included"),
        SettingsKey(
            "run.max_busy", .duration, "the longest that a script may compute without a wait"),
        SettingsKey(
            "run.isolation", .choice(["process", "half", "none"]),
            "where a script's Lua lives: in a process of its own behind a filter, behind what there is of one, or in paylink's"
        ),
        SettingsKey("run.memory", .size, "what a script's Lua state may hold"),
        SettingsKey("run.max_links", .count, "make at most so many links in a run"),
        SettingsKey("run.max_total", .money, "ask for at most so much USD in a run"),
        SettingsKey("watch.retry_for", .duration, "how long a watch tries failed follow-ups again; a week if absent"),
    ]

    /// The key of a name as it stands in a file; any name does below `secrets`.
    package static func named(_ name: String) -> SettingsKey? {
        if name.hasPrefix("secrets."), SecretPlace.isName(String(name.dropFirst(8))) {
            return all.first { $0.name == "secrets.NAME" }
        }
        return all.first { $0.name == name && $0.name != "secrets.NAME" }
    }

    /// Tables that hold keys.
    package static let tables: Set<String> = Set(
        all.compactMap { key in key.name.split(separator: ".").count == 2 ? String(key.name.prefix { $0 != "." }) : nil
        })

    /// The known key, or table, that was most likely meant.
    package static func suggestion(for name: String) -> String? {
        let known = all.map(\.name).filter { $0 != "secrets.NAME" } + tables.sorted()
        let last = name.split(separator: ".").last.map(String.init) ?? name
        let ranked = known.map { candidate in
            let short = candidate.split(separator: ".").last.map(String.init) ?? candidate
            // A key in the wrong table is a near miss, too.
            return (candidate, min(distance(name, candidate), distance(last, short) + (name == last ? 0 : 1)))
        }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(2, last.count / 3) else { return nil }
        return best.0
    }

    /// Letters to insert, remove or change.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let changed = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
