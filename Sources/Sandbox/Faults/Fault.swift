// A fault rule: which requests it strikes, how often, and what it does to them.
// Choosing the rule for a request is FaultBook; carrying it out is Delivery.

/// A rule that spoils some of the sandbox's replies.
///
/// ```swift
/// // The second and third creations are committed, but their replies never arrive.
/// sandbox.addFault(Fault(on: .create, .resetAfterCommit, skip: 1, times: 2))
/// // One poll in ten is told to wait.
/// sandbox.addFault(Fault(on: .get, .status(429, headers: ["Retry-After": "2"]), probability: 0.1))
/// ```
package struct Fault: Sendable, Equatable {
    /// The calls of the API that a rule can strike. Pages and control calls are never struck.
    package enum Endpoint: String, Sendable, CaseIterable {
        case token, create, get, any
    }

    /// What `truncate` counts bytes of.
    package enum Extent: String, Sendable {
        /// The body: head and headers arrive whole.
        case body
        /// The whole response, status line first.
        case response
    }

    /// What happens to a struck request.
    package enum Action: Sendable, Equatable {
        /// This status, headers and body in place of the reply. Not committed unless `commits` says so.
        case status(Int, headers: [String: String] = [:], body: String = "")
        /// The true reply, after so long.
        case latency(Duration)
        /// The connection is reset before the request has any effect.
        case resetBeforeCommit
        /// The request takes effect, then the connection is reset without a reply.
        case resetAfterCommit
        /// The true reply, cut off after so many bytes by closing the connection.
        case truncate(at: Int, of: Extent = .body)
        /// The true reply, its body so many bytes a second.
        case slowBody(bytesPerSecond: Int)
        /// A redirect to that address. Not committed unless `commits` says so.
        case redirect(to: String, status: Int = 307)
        /// The true reply under `Content-Type: text/html`.
        case wrongContentType
        /// Status 200 and a body of so many bytes that is no reply.
        case hugeBody(bytes: Int)
        /// Status 200 and a short body that is neither JSON nor UTF-8.
        case garbageBody
        /// The true reply behind a byte order mark (U+FEFF).
        case bomBody
        /// The true reply compressed by gzip, which nobody asked for.
        case gzipBody
        /// Every access token is revoked; then the request is answered as usual.
        case revokeTokens
        /// Every access token expires; then the request is answered as usual.
        case expireTokens
    }

    package var endpoint: Endpoint
    package var action: Action
    /// Matching requests that pass unharmed before the rule comes into force.
    package var skip: Int
    /// How many requests it strikes; `nil` is all from then on.
    package var times: Int?
    /// The chance, from 0 to 1, that it strikes a request it could strike.
    package var probability: Double
    /// Whether the request takes effect although its reply is spoilt. `nil` is the action's own answer:
    /// no for `status`, `redirect` and `resetBeforeCommit`, yes for the others.
    package var commits: Bool?
    /// How long the reply is held back besides.
    package var delay: Duration
    /// How long the rule holds by the sandbox's clock, from the first request that it strikes; `nil` is for ever.
    package var span: Duration?
    /// When set, only a request for a link younger than this is struck.
    package var youngerThan: Duration?
    /// When set, only a request for the link of this id is struck.
    package var linkID: String?

    /// Makes a rule that strikes every request to `endpoint` unless narrowed.
    package init(
        on endpoint: Endpoint,
        _ action: Action,
        skip: Int = 0,
        times: Int? = nil,
        probability: Double = 1,
        commits: Bool? = nil,
        delay: Duration = .zero,
        span: Duration? = nil,
        youngerThan: Duration? = nil,
        linkID: String? = nil
    ) {
        self.endpoint = endpoint
        self.action = action
        self.skip = skip
        self.times = times
        self.probability = probability
        self.commits = commits
        self.delay = delay
        self.span = span
        self.youngerThan = youngerThan
        self.linkID = linkID
    }

    /// Whether a struck request takes effect.
    var takesEffect: Bool {
        switch action {
        case .resetBeforeCommit: false
        case .resetAfterCommit: true
        case .status, .redirect: commits ?? false
        default: commits ?? true
        }
    }
}

extension Fault.Action {
    /// The action's name in control calls and in the record.
    package var name: String {
        switch self {
        case .status: "status"
        case .latency: "latency"
        case .resetBeforeCommit: "reset_before_commit"
        case .resetAfterCommit: "reset_after_commit"
        case .truncate: "truncate"
        case .slowBody: "slow_body"
        case .redirect: "redirect"
        case .wrongContentType: "wrong_content_type"
        case .hugeBody: "huge_body"
        case .garbageBody: "garbage_body"
        case .bomBody: "bom_body"
        case .gzipBody: "gzip_body"
        case .revokeTokens: "revoke_tokens"
        case .expireTokens: "expire_tokens"
        }
    }
}
