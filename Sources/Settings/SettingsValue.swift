// What a settings file says: values with the place where they stand.

package import Secrets

/// A checked value.
package enum SettingsValue: Sendable, Hashable {
    /// Numbers too, as text.
    case text(String)
    case list([String])
    case secret(SecretPlace)
}

/// A value and its place.
package struct SettingsEntry: Sendable, Hashable {
    package var value: SettingsValue
    package var file: String
    package var line: Int?

    /// `FILE:LINE`.
    package var origin: String { line.map { "\(file):\($0)" } ?? file }

    package var text: String? {
        if case .text(let text) = value { return text }
        return nil
    }

    package var list: [String] {
        if case .list(let list) = value { return list }
        return []
    }

    package var secret: SecretPlace? {
        if case .secret(let place) = value { return place }
        return nil
    }
}
