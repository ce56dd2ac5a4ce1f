// A pay link as the service last described it, and the addresses that follow from its id.
// Reading one from JSON is in PayLink+Decoding.swift, writing one in PayLink+Encoding.swift.

/// A pay link as the service last described it.
public struct PayLink: Sendable, Hashable {
    public internal(set) var id: PayLinkID
    public internal(set) var status: PayLinkStatus
    public internal(set) var amount: Money
    public internal(set) var description: String
    /// Address of the picture on the checkout page.
    public internal(set) var mediaURL: String?
    /// Unix seconds; `nil` when the link does not expire.
    public internal(set) var expiresAt: Int64?
    /// Whether the link can be paid more than once.
    public internal(set) var reusable: Bool
    /// Whether the payer chooses the amount.
    public internal(set) var payerDefinedAmount: Bool
    /// The one user who may pay, when one was named.
    public internal(set) var payer: UserID?
    public internal(set) var archived: Bool
    /// Whether the named payer has dismissed the request.
    public internal(set) var ignoredByPayer: Bool
    public internal(set) var paymentCount: Int64
    public internal(set) var deletable: Bool
    /// The most recent payment.
    public internal(set) var payment: Payment?
    /// The merchant.
    public internal(set) var userID: UserID?
    public internal(set) var username: String?
    /// The merchant's account on chain: `0x` and 40 hexadecimal digits.
    public internal(set) var accountAddress: String?
    public internal(set) var profileImageURL: String?
    /// Unix seconds.
    public internal(set) var createdAt: Int64?
    /// Unix seconds.
    public internal(set) var updatedAt: Int64?

    /// Which checkout page ``url`` leads to. The service does not keep this; it comes from the request, or from
    /// the configuration when the link was fetched by its id.
    public var page: CheckoutPage

    /// How many attempts before the one that made this link may have made another one that nobody knows of.
    /// Zero unless the link comes from a create call that had to be sent again.
    public internal(set) var possibleOrphans = 0

    /// What a ledger knows the link by; never on the wire, and `nil` where nobody has looked it up.
    package var key: String?

    /// How many payments of it a ledger has seen; never on the wire, and `nil` where nobody has looked it up.
    package var seenPayments: Int64?
    /// Whether the ledger had seen the link as ended before this payment came. Not the service's.
    package var isKnownLate = false

    /// Whether it was looked at often enough to be paid on the service's word, which shows no payment. Never on the wire.
    package var isTakenAtItsWord = false

    /// Where a person pays: `https://1shotpay.com/en/link/<id>`.
    public var url: String { page.url(for: id) }

    /// Where an agent pays by x402: `https://1shotpay.com/api/link/<id>`.
    public var agentURL: String { page.agentURL(for: id) }
}
