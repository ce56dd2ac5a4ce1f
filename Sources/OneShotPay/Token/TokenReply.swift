// Reads the service's answer to a token request.

import JSON

/// The fields of a token reply that matter.
struct TokenReply {
    /// What is assumed when the service does not say: long enough to be useful, short enough to be harmless,
    /// since a refused token is replaced anyway.
    static let assumedLifetime = Duration.seconds(60)
    private static let longestLifetime = 30.0 * 86_400

    let token: String
    let lifetime: Duration

    /// - Returns: `nil` when the body is not JSON or has no usable token.
    init?(_ body: UnsafeRawBufferPointer, scratch: JSONScratch) {
        var reader = JSONReader(body, scratch: scratch)
        var token: String?
        var lifetime = Self.assumedLifetime
        do {
            guard try reader.next() == .beginObject else { return nil }
            while try reader.next() == .key {
                let isToken = reader.textEquals("access_token")
                let isLifetime = reader.textEquals("expires_in")
                let value = try reader.next()
                if isToken { token = value == .string ? reader.string : nil }
                if isLifetime, value == .number, let seconds = reader.double {
                    lifetime = .milliseconds(Int64(min(max(seconds, 0), Self.longestLifetime) * 1_000))
                }
                try reader.skipRest(of: value)
            }
            _ = try reader.next()
        } catch {
            return nil
        }
        // It goes into a header: anything but visible ASCII would break out of it.
        guard let token, !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        self.token = token
        self.lifetime = lifetime
    }
}
