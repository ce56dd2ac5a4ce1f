// Takes secrets out of text by value, wherever they appear. Nothing foreign is printed without passing here.

import Console
import JSON

#if canImport(Glibc)
    import Glibc
#endif

/// Replaces every occurrence of the secrets it knows by `***`.
package struct Redactor: Sendable {
    /// How many access tokens are remembered: the one in use, and a few that replies may still echo.
    private static let rememberedTokens = 4

    private var permanent: [[UInt8]] = []
    private var tokens: [[[UInt8]]] = []

    /// - Parameter secrets: what is secret for good. An empty secret is ignored.
    package init(_ secrets: [String] = []) {
        for secret in secrets { permanent += Self.forms(of: secret) }
    }

    /// Makes a secret known for good. An empty one is ignored.
    package mutating func add(secret: String) {
        permanent += Self.forms(of: secret)
        for encoded in [Self.percentEncoded(secret, space: "%20"), Self.percentEncoded(secret, space: "+")]
        where !encoded.isEmpty && !permanent.contains(encoded) {
            permanent.append(encoded)
        }
    }

    /// Makes an access token known. Only the newest few are kept.
    mutating func add(token: String) {
        tokens.append(Self.forms(of: token))
        if tokens.count > Self.rememberedTokens { tokens.removeFirst() }
    }

    /// `text` without secrets.
    package func redact(_ text: String) -> String {
        String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    /// The beginning of a reply's body, fit to print: without secrets, at most `limit` characters, controls escaped.
    func excerpt(of body: UnsafeRawBufferPointer, limit: Int = 200) -> String {
        // Secrets go first: a cut could leave half of one unrecognised.
        let longest = (permanent + tokens.flatMap(\.self)).map(\.count).max() ?? 0
        let window = body.prefix(limit * 4 + longest)
        var redacted = redact(Array(window))
        let isCut = window.count < body.count
        if isCut { redacted.removeLast(min(longest, redacted.count)) }
        let text = redacted.withUnsafeBytes { ShownText.short($0, limit: limit) }
        return isCut && !text.hasSuffix("…") ? text + "…" : text
    }

    /// The secret as it is, and as it looks inside a JSON string.
    private static func forms(of secret: String) -> [[UInt8]] {
        guard !secret.isEmpty else { return [] }
        let plain = Array(secret.utf8)
        let writer = JSONWriter(capacity: plain.count + 16)
        writer.string(secret)
        let escaped = Array(writer.bytes.dropFirst().dropLast())
        return plain == escaped ? [plain] : [escaped, plain]
    }

    /// As it looks in an address or a form.
    private static func percentEncoded(_ text: String, space: String) -> [UInt8] {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            case UInt8(ascii: " "): result += Array(space.utf8)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return result
    }

    /// Whether any secret is there at all: the usual answer is no, and found by the C library.
    private func isNeeded(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { text in
            (permanent + tokens.flatMap(\.self)).contains { Self.contains(text, $0) }
        }
    }

    private static func contains(_ text: UnsafeRawBufferPointer, _ secret: [UInt8]) -> Bool {
        guard let base = text.baseAddress, let first = secret.first else { return false }
        var from = 0
        while text.count - from >= secret.count {
            guard let hit = memchr(base + from, Int32(first), text.count - from - secret.count + 1) else {
                return false
            }
            if memcmp(hit, secret, secret.count) == 0 { return true }
            from = UnsafeRawPointer(hit) - base + 1
        }
        return false
    }

    /// `bytes` without secrets.
    package func redact(_ bytes: [UInt8]) -> [UInt8] {
        guard isNeeded(bytes) else { return bytes }
        // The longest first, so that a secret that begins another one does not leave its rest.
        let secrets = (permanent + tokens.flatMap(\.self)).sorted { $0.count > $1.count }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        scan: while index < bytes.count {
            for secret in secrets where bytes[index] == secret[0] && index + secret.count <= bytes.count {
                if bytes[index..<index + secret.count].elementsEqual(secret) {
                    result += [0x2A, 0x2A, 0x2A]
                    index += secret.count
                    continue scan
                }
            }
            result.append(bytes[index])
            index += 1
        }
        return result
    }
}
