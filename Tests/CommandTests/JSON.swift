// JSON as tests look at it: by path, with numbers, strings and Booleans kept apart.

import Foundation

/// A parsed JSON value. What is absent, or of another kind, reads as `nil`.
struct JSON: @unchecked Sendable, CustomStringConvertible {
    // Safe because: what JSONSerialization gives is never changed after.
    let value: Any

    init(_ value: Any) { self.value = value }

    init(parsing text: String) throws {
        value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: [.fragmentsAllowed])
    }

    subscript(_ key: String) -> JSON? { (value as? [String: Any])?[key].map(JSON.init) }
    subscript(_ index: Int) -> JSON? { list.indices.contains(index) ? list[index] : nil }

    var list: [JSON] { (value as? [Any] ?? []).map(JSON.init) }
    var string: String? { value as? String }
    var integer: Int? { value is String ? nil : value as? Int }
    var number: Double? { value is String ? nil : value as? Double }
    var flag: Bool? { value is String ? nil : value as? Bool }
    var isNull: Bool { value is NSNull }
    var keys: Set<String> { Set((value as? [String: Any] ?? [:]).keys) }

    var text: String {
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }

    var description: String { text }
}
