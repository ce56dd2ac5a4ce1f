// Keys that begin alike, as a range of an index.

enum KeyPrefix {
    /// What comes right behind all texts that begin so, by bytes; `nil`: nothing does.
    static func end(of prefix: String) -> String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            if let scalar = Unicode.Scalar(next) {
                var text = String.UnicodeScalarView(scalars)
                text.append(scalar)
                return String(text)
            }
        }
        return nil
    }
}

extension LinkQuery {
    /// The status by which links are found, where those of one status can be: what is shown as paid short is paid.
    var indexedStatus: String? {
        guard scope != nil, paidSince == nil, paidBefore == nil, status != "underpaid" else { return nil }
        return status.flatMap { Self.statuses.contains($0) ? $0 : nil }
    }
}
