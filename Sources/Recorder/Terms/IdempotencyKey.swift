// The value of the Idempotency-Key header: the same for the same account and key, on every machine.

import Digests
import OneShotPay

enum IdempotencyKey {
    private struct ID: UUIDIdentifier {
        let high: UInt64
        let low: UInt64
    }

    /// The namespace of paylink's keys, a random UUID chosen once: 5b1f3e0a-6a0c-4c8e-9a53-0d6f2f6f9c41.
    private static let namespace: [UInt8] = [
        0x5B, 0x1F, 0x3E, 0x0A, 0x6A, 0x0C, 0x4C, 0x8E, 0x9A, 0x53, 0x0D, 0x6F, 0x2F, 0x6F, 0x9C, 0x41,
    ]

    /// A UUID of version 5 (RFC 9562, section 5.5) of the account and the key, in lower case.
    static func make(account: String, key: String) -> String {
        let digest = Digest.sha1(namespace + account.utf8 + [0] + key.utf8)
        var (high, low): (UInt64, UInt64) = (0, 0)
        for byte in digest[0..<8] { high = high << 8 | UInt64(byte) }
        for byte in digest[8..<16] { low = low << 8 | UInt64(byte) }
        // Version and variant.
        return ID(high: high & ~0xF000 | 0x5000, low: low & ~(0b11 << 62) | 0b10 << 62).description
    }
}
