// Access tokens as the service gives them: JSON Web Tokens, three parts of base64url with dots between them.
// The sandbox knows its tokens by looking them up, so nothing signs them: the third part is random.

import Foundation

enum SandboxToken {
    /// A token of its own: the identifier and the signature are drawn.
    static func make(
        subject: String, from start: SandboxInstant, to end: SandboxInstant, _ random: inout SandboxRandom
    ) -> String {
        let header = JSONValue.object([
            JSONMember("alg", .string("HS256")), JSONMember("typ", .string("JWT")),
        ])
        let payload = JSONValue.object([
            JSONMember("sub", .string(subject)), JSONMember("iat", .integer(start.unixSeconds)),
            JSONMember("exp", .integer(end.unixSeconds)), JSONMember("jti", .string(random.hexDigits(words: 2))),
        ])
        // From one draw, so that ids after it stay those of the seed whatever a token looks like.
        var noise = SandboxRandom(seed: random.next())
        let signature = (0..<4).flatMap { _ in withUnsafeBytes(of: noise.next().bigEndian, Array.init) }
        return [Data(header.bytes), Data(payload.bytes), Data(signature)].map(base64URL).joined(separator: ".")
    }

    /// RFC 4648, section 5, without padding.
    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
