// Which texts are addresses of pictures: those that JavaScript's `new URL()` takes (the URL Standard), if they are of the
// web. What it would repair (spaces, backslashes, letters beyond ASCII) is taken as well; the text stays as it was sent.

internal import Glibc

/// Whether the text is an absolute http or https URL with a host.
func isWebURL(_ text: String) -> Bool {
    // Around it, controls and spaces are stripped; within it, tabs and line ends are left out.
    var scalars = Array(text.unicodeScalars)
    while let last = scalars.last, last.value <= 0x20 { scalars.removeLast() }
    scalars = Array(scalars.drop { $0.value <= 0x20 }).filter { !["\t", "\n", "\r"].contains($0) }
    guard let colon = scalars.firstIndex(of: ":"),
        ["http", "https"].contains(String(String.UnicodeScalarView(scalars[..<colon])).lowercased())
    else { return false }
    let rest = scalars[(colon + 1)...].drop { $0 == "/" || $0 == "\\" }
    var authority = rest.prefix { !"/\\?#".unicodeScalars.contains($0) }
    if let at = authority.lastIndex(of: "@") { authority = authority[(at + 1)...] }
    if authority.first == "[" {
        guard let end = authority.firstIndex(of: "]") else { return false }
        let host = String(String.UnicodeScalarView(authority[(authority.startIndex + 1)..<end]))
        var address = in6_addr()
        return inet_pton(AF_INET6, host, &address) == 1 && WebURL.isPort(authority[(end + 1)...])
    }
    let host = authority.prefix { $0 != ":" }
    return WebURL.isHost(host) && WebURL.isPort(authority[host.endIndex...])
}

private enum WebURL {
    /// Nothing, or a colon and perhaps a number of at most 16 bits.
    static func isPort(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard text.first == ":" else { return text.isEmpty }
        let digits = text.dropFirst().drop { $0 == "0" }
        return digits.allSatisfy { ("0"..."9").contains($0) } && digits.count <= 5
            && UInt32(String(String.UnicodeScalarView(digits))) ?? 0 <= 65535
    }

    /// A name or an IPv4 address, percent encodings taken off.
    static func isHost(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let host = decoded(String(String.UnicodeScalarView(text))), !host.isEmpty else { return false }
        let isAllowed = host.unicodeScalars.allSatisfy { scalar in
            guard !scalar.isASCII else {
                return scalar.value > 0x20 && scalar.value < 0x7F && !forbidden.contains(scalar)
            }
            switch scalar.properties.generalCategory {
            case .control, .spaceSeparator, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                return false
            default: return scalar != "\u{FFFD}"
            }
        }
        guard isAllowed else { return false }
        var labels = host.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard let last = labels.last, isNumber(last) else { return true }
        return isIPv4(labels)
    }

    private static let forbidden = Set("#/:<>?@[\\]^|%".unicodeScalars)

    /// `nil` if the bytes are no text.
    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, !digits.hasPrefix("+"), !digits.hasPrefix("-"),
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a label makes the whole name an IPv4 address, or nothing.
    private static func isNumber(_ label: Substring) -> Bool {
        !label.isEmpty && label.utf8.allSatisfy { $0 &- 0x30 <= 9 } || value(of: label) != nil
    }

    /// As C reads it: decimal, octal behind a 0, hexadecimal behind 0x.
    private static func value(of label: Substring) -> UInt64? {
        let text = label.lowercased()
        guard !text.isEmpty, !text.contains("+"), !text.contains("-") else { return nil }
        if text.hasPrefix("0x") { return text.count == 2 ? 0 : UInt64(text.dropFirst(2), radix: 16) }
        if text.count > 1, text.hasPrefix("0") { return UInt64(text.dropFirst(), radix: 8) }
        return UInt64(text)
    }

    private static func isIPv4(_ labels: [Substring]) -> Bool {
        guard labels.count <= 4 else { return false }
        let values = labels.map(value)
        guard let last = values.last, let last, last < UInt64(1) << UInt64(8 * (5 - labels.count)) else { return false }
        return values.dropLast().allSatisfy { ($0 ?? 256) <= 255 }
    }
}
