// Signatures of outgoing webhooks, as the Standard Webhooks specification has them (standardwebhooks.com).

import Digests
import HTTPTransport

/// Signs messages with one or several secrets.
///
/// The signed text is the message's id, its Unix second and its body, joined by dots. The id stays the same when a
/// message is sent again, so a receiver can drop repeats; the time is that of the attempt.
struct WebhookSignature: Sendable {
    /// Why secrets cannot sign. Never shows any of them.
    struct Problem: Error, Sendable, Equatable {
        let message: String
    }

    private let keys: [[UInt8]]

    /// - Parameter secrets: one or several with spaces between, the newest first; each `whsec_` and base64, or just
    ///   the key's bytes.
    init(secrets: [UInt8]) throws(Problem) {
        var keys: [[UInt8]] = []
        for secret in secrets.split(separator: UInt8(ascii: " ")) {
            let prefix = Array("whsec_".utf8)
            guard secret.starts(with: prefix) else {
                keys.append(Array(secret))
                continue
            }
            guard let key = Self.decodeBase64(secret.dropFirst(prefix.count)), !key.isEmpty else {
                throw Problem(message: "what follows whsec_ in the secret is not base64")
            }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw Problem(message: "the secret is empty") }
        self.keys = keys
    }

    /// What is wrong with an id: it becomes a header and a part of the signed text.
    static func problem(withID id: String) -> String? {
        guard (1...256).contains(id.utf8.count), id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2E }) else {
            return "its id must be 1 to 256 printable ASCII characters without spaces and dots"
        }
        return nil
    }

    /// The value of `webhook-signature`: `v1,` and base64 for each secret.
    func value(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let text = Array("\(id).\(timestamp).".utf8) + body
        return keys.map { "v1," + Base64.encode(Digest.hmacSHA256(text, key: $0)) }.joined(separator: " ")
    }

    /// The headers of a message.
    func headers(id: String, timestamp: Int64, body: [UInt8]) -> [(name: String, value: String)] {
        [
            ("webhook-id", id), ("webhook-timestamp", String(timestamp)),
            ("webhook-signature", value(id: id, timestamp: timestamp, body: body)),
        ]
    }

    /// Base64 with or without its padding; `nil` for anything else.
    static func decodeBase64(_ text: some Collection<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0, count = 0, digits = 0, padding = 0
        for byte in text {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte + 4
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            digits += 1
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        guard digits % 4 != 1, padding == 0 || (digits + padding) % 4 == 0, padding <= 2 else { return nil }
        return result
    }
}
