// Digests of bytes, computed by libmd.

import CDigest

/// A digest of bytes.
package enum Digest {
    private static let blockLength = 64

    /// The 20 bytes of SHA-1 (FIPS 180-4): for names only, since others with the same digest can be made.
    package static func sha1(_ parts: [UInt8]...) -> [UInt8] {
        var context = SHA1_CTX()
        SHA1Init(&context)
        for part in parts { SHA1Update(&context, part, part.count) }
        return [UInt8](unsafeUninitializedCapacity: Int(SHA1_DIGEST_LENGTH)) { buffer, count in
            SHA1Final(buffer.baseAddress, &context)
            count = Int(SHA1_DIGEST_LENGTH)
        }
    }

    /// The 32 bytes of SHA-256 (FIPS 180-4).
    package static func sha256(_ parts: [UInt8]...) -> [UInt8] {
        var context = SHA2_CTX()
        SHA256Init(&context)
        for part in parts { SHA256Update(&context, part, part.count) }
        return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
            SHA256Final(buffer.baseAddress, &context)
            count = Int(SHA256_DIGEST_LENGTH)
        }
    }

    /// The 32 bytes of HMAC with SHA-256 (RFC 2104).
    package static func hmacSHA256(_ text: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > blockLength ? sha256(key) : key
        block += [UInt8](repeating: 0, count: blockLength - block.count)
        return sha256(block.map { $0 ^ 0x5C }, sha256(block.map { $0 ^ 0x36 }, text))
    }
}
