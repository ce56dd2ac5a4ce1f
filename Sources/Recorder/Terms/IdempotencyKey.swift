// The value of the Idempotency-Key header: the same for the same account and key, on every machine.

import Digests

enum IdempotencyKey {
    /// The namespace of paylink's keys, a random UUID chosen once: 5b1f3e0a-6a0c-4c8e-9a53-0d6f2f6f9c41.
    private static let namespace: [UInt8] = [
        0x5B, 0x1F, 0x3E, 0x0A, 0x6A, 0x0C, 0x4C, 0x8E, 0x9A, 0x53, 0x0D, 0x6F, 0x2F, 0x6F, 0x9C, 0x41,
    ]

    /// A UUID of version 5 (RFC 9562, section 5.5) of the account and the key, in lower case.
    static func make(account: String, key: String) -> String {
        var bytes = Array(Digest.sha1(namespace, Array(account.utf8), [0], Array(key.utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
