// Digests beside the published examples.

import Digests
import Testing

@Suite struct DigestTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// FIPS 180-4's own examples.
    @Test(arguments: [
        (
            "", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        ),
        (
            "abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func digestsAreThoseOfTheStandard(text: String, sha1: String, sha256: String) {
        let bytes = Array(text.utf8)
        #expect(Self.hex(Digest.sha1(bytes)) == sha1)
        #expect(Self.hex(Digest.sha256(bytes)) == sha256)
        let (first, second) = (Array(bytes.prefix(2)), Array(bytes.dropFirst(2)))
        #expect(Digest.sha1(first, [], second) == Digest.sha1(bytes))
        #expect(Digest.sha256(first, [], second) == Digest.sha256(bytes))
    }

    /// RFC 4231, cases 1, 2 and 6: a short key, a short text, and a key that is longer than a block.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func signaturesAreThoseOfTheStandard(key: [UInt8], text: String, expected: String) {
        #expect(Self.hex(Digest.hmacSHA256(Array(text.utf8), key: key)) == expected)
    }
}
