// What Tab does with the names that can follow: as much as they share is inserted, and they are shown when that is nothing.

import Console

enum Completion {
    private static let most = 200

    /// - Parameters:
    ///   - length: how many bytes of each name are typed already.
    ///   - columns: of the terminal.
    static func of(_ names: [String], length: Int, columns: Int) -> (insert: String, shown: String) {
        guard let first = names.first else { return ("", "") }
        let shared = names.dropFirst().reduce(first) { String($0.commonPrefix(with: $1)) }
        let insert = String(decoding: shared.utf8.dropFirst(length), as: UTF8.self)
        return (insert, insert.isEmpty && names.count > 1 ? listing(names, columns: columns) : "")
    }

    /// Names in columns, one below the other.
    private static func listing(_ names: [String], columns: Int) -> String {
        let shown = names.prefix(most).map { ShownText.line($0) }
        let width = (shown.map { ShownText.columns(of: $0) }.max() ?? 0) + 2
        let across = max(1, columns / width)
        let rows = (shown.count + across - 1) / across
        var lines = (0..<rows).map { row in
            stride(from: row, to: shown.count, by: rows).map { index in
                index + rows < shown.count ? ShownText.padded(shown[index], to: width) : shown[index]
            }.joined()
        }
        if names.count > most { lines.append("… and \(names.count - most) more") }
        return lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> Substring {
        self[
            ..<(zip(indices, other.indices).first { self[$0] != other[$1] }?.0
                ?? index(
                    startIndex, offsetBy: Swift.min(count, other.count)))]
    }
}
