// What a sandbox is started with: address, credentials, the merchant it plays, its payer and files.
// Holds values only; SandboxServer acts on them.

/// The settings of a ``SandboxServer``.
///
/// Every setting has a default, so `SandboxOptions()` starts a sandbox on a free loopback port:
/// ```swift
/// var options = SandboxOptions()
/// options.payAfter = .seconds(3)
/// let sandbox = try await SandboxServer.start(options)
/// ```
package struct SandboxOptions: Sendable {
    /// The user id that the sandbox accepts unless told otherwise.
    package static let defaultUserID = "018f5a3c-0000-7000-8000-00000000a11c"
    /// The API token that the sandbox accepts unless told otherwise. It opens nothing but a sandbox.
    package static let defaultAPIToken = "sandbox-api-token"

    /// The address to bind.
    package var host: String
    /// The TCP port to bind; 0 takes a free one.
    package var port: Int
    /// The `client_id` that gets a token.
    package var userID: String
    /// The `client_secret` that gets a token.
    package var apiToken: String
    /// How long an access token lives.
    package var tokenLifetime: Duration
    /// When set, every link is paid so long after its creation, by the sandbox's clock.
    package var payAfter: Duration?
    /// What the automatic payer pays, in micro-USDC; `nil` is the link's own amount.
    package var payAmount: Int64?
    /// When set, the automatic payer pays every link so long after its expiry, in place of ``payAfter``.
    package var payLate: Duration?
    /// How many times the automatic payer pays a reusable link, in immediate succession.
    package var payCount: Int
    /// When set, a payment of the automatic payer counts at once, and is shown so long after.
    package var payHidden: Duration?
    /// Whether the payer of every link may choose its amount.
    package var payerDefinesAmount: Bool
    /// How long after a payment its transaction hash appears.
    package var settleAfter: Duration
    /// The expiry of a link that was created without one.
    package var defaultExpiry: Duration
    /// Where links are kept between runs; nothing is kept when `nil`.
    package var stateFile: String?
    /// Where the record of requests and links is appended as JSON Lines; memory only when `nil`.
    package var recordFile: String?
    /// The address that others reach the sandbox by, without a trailing slash, when it is not the bound one.
    package var publicBaseURL: String?
    /// The merchant's name on the checkout page.
    package var merchantName: String
    /// The merchant's `username` in replies.
    package var username: String
    /// The merchant's `accountAddress` in replies: `0x` and 40 hexadecimal digits.
    package var accountAddress: String
    /// The merchant's `profileImageUrl` in replies.
    package var profileImageURL: String?
    /// The seed of the generator behind fault probabilities, so that a run can be repeated.
    package var faultSeed: UInt64
    /// Fault rules in force from the start, in this order.
    package var faults: [Fault]
    /// How far the sandbox's clock is ahead of the machine's; behind it when negative.
    package var clockOffset: Duration
    /// Whether a link may be created with an expiry that has passed, and is then expired from the start.
    package var acceptsPastExpiry: Bool

    /// Makes options; whatever is left out has the default that the property documents.
    package init(
        host: String = "127.0.0.1",
        port: Int = 0,
        userID: String = SandboxOptions.defaultUserID,
        apiToken: String = SandboxOptions.defaultAPIToken,
        tokenLifetime: Duration = .seconds(3600),
        payAfter: Duration? = nil,
        payAmount: Int64? = nil,
        payLate: Duration? = nil,
        payCount: Int = 1,
        payHidden: Duration? = nil,
        payerDefinesAmount: Bool = false,
        settleAfter: Duration = .seconds(2),
        defaultExpiry: Duration = .seconds(3600),
        stateFile: String? = nil,
        recordFile: String? = nil,
        publicBaseURL: String? = nil,
        merchantName: String = "Sandbox Shop",
        username: String = "sandbox-shop",
        accountAddress: String = "0x5a4dB0c5000000000000000000000000005aFe01",
        profileImageURL: String? = nil,
        faultSeed: UInt64 = 1,
        faults: [Fault] = [],
        clockOffset: Duration = .zero,
        acceptsPastExpiry: Bool = false
    ) {
        self.host = host
        self.port = port
        self.userID = userID
        self.apiToken = apiToken
        self.tokenLifetime = tokenLifetime
        self.payAfter = payAfter
        self.payAmount = payAmount
        self.payLate = payLate
        self.payCount = payCount
        self.payHidden = payHidden
        self.payerDefinesAmount = payerDefinesAmount
        self.settleAfter = settleAfter
        self.defaultExpiry = defaultExpiry
        self.stateFile = stateFile
        self.recordFile = recordFile
        self.publicBaseURL = publicBaseURL
        self.merchantName = merchantName
        self.username = username
        self.accountAddress = accountAddress
        self.profileImageURL = profileImageURL
        self.faultSeed = faultSeed
        self.faults = faults
        self.clockOffset = clockOffset
        self.acceptsPastExpiry = acceptsPastExpiry
    }
}
