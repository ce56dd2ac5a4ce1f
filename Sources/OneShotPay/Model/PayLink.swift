// A pay link as the service last described it, and the addresses that follow from its id.
// Reading one from JSON is in PayLink+Decoding.swift, writing one in PayLink+Encoding.swift.

/// A pay link as the service last described it.
public struct PayLink: Sendable, Hashable {
    /// What is said of a link.
    struct Fields: Sendable, Hashable {
        var id: PayLinkID
        var status: PayLinkStatus
        var amount: Money
        var description: String
        var mediaURL: String?
        var expiresAt: Int64?
        var reusable: Bool
        var payerDefinedAmount: Bool
        var payer: UserID?
        var archived: Bool
        var ignoredByPayer: Bool
        var paymentCount: Int64
        var deletable: Bool
        @Apart var payment: Payment?
        var userID: UserID?
        var username: String?
        var accountAddress: String?
        var profileImageURL: String?
        var createdAt: Int64?
        var updatedAt: Int64?
        var page: CheckoutPage
        var possibleOrphans = 0
        var key: String?
        var seenPayments: Int64?
        var isKnownLate = false
        var isTakenAtItsWord = false
    }

    /// Copies share it: a link passes through many hands, and is hardly ever changed.
    private final class Shared: Sendable {
        let fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }

    private var shared: Shared

    init(_ fields: Fields) { shared = Shared(fields) }

    mutating func change(_ body: (inout Fields) -> Void) {
        var fields = shared.fields
        body(&fields)
        shared = Shared(fields)
    }

    /// The link with some of its fields changed at once.
    func with(_ body: (inout Fields) -> Void) -> PayLink {
        var link = self
        link.change(body)
        return link
    }

    public static func == (left: PayLink, right: PayLink) -> Bool {
        left.shared === right.shared || left.shared.fields == right.shared.fields
    }

    public func hash(into hasher: inout Hasher) { shared.fields.hash(into: &hasher) }

    // MARK: What the service says

    public var id: PayLinkID { shared.fields.id }
    public var status: PayLinkStatus { shared.fields.status }
    public var amount: Money { shared.fields.amount }
    public var description: String { shared.fields.description }
    /// Address of the picture on the checkout page.
    public var mediaURL: String? { shared.fields.mediaURL }
    /// Unix seconds; `nil` when the link does not expire.
    public var expiresAt: Int64? { shared.fields.expiresAt }
    /// Whether the link can be paid more than once.
    public var reusable: Bool { shared.fields.reusable }
    /// Whether the payer chooses the amount.
    public var payerDefinedAmount: Bool { shared.fields.payerDefinedAmount }
    /// The one user who may pay, when one was named.
    public var payer: UserID? { shared.fields.payer }
    public var archived: Bool { shared.fields.archived }
    /// Whether the named payer has dismissed the request.
    public var ignoredByPayer: Bool { shared.fields.ignoredByPayer }
    public var paymentCount: Int64 { shared.fields.paymentCount }
    public var deletable: Bool { shared.fields.deletable }
    /// The most recent payment.
    public var payment: Payment? { shared.fields.payment }
    /// The merchant.
    public var userID: UserID? { shared.fields.userID }
    public var username: String? { shared.fields.username }
    /// The merchant's account on chain: `0x` and 40 hexadecimal digits.
    public var accountAddress: String? { shared.fields.accountAddress }
    public var profileImageURL: String? { shared.fields.profileImageURL }
    /// Unix seconds.
    public var createdAt: Int64? { shared.fields.createdAt }
    /// Unix seconds.
    public var updatedAt: Int64? { shared.fields.updatedAt }

    /// Which checkout page ``url`` leads to. The service does not keep this; it comes from the request, or from
    /// the configuration when the link was fetched by its id.
    public var page: CheckoutPage {
        get { shared.fields.page }
        set { if newValue != page { change { $0.page = newValue } } }
    }

    /// How many attempts before the one that made this link may have made another one that nobody knows of.
    /// Zero unless the link comes from a create call that had to be sent again.
    public var possibleOrphans: Int { shared.fields.possibleOrphans }

    /// What a ledger knows the link by; never on the wire, and `nil` where nobody has looked it up.
    package var key: String? {
        get { shared.fields.key }
        set { change { $0.key = newValue } }
    }

    /// How many payments of it a ledger has seen; never on the wire, and `nil` where nobody has looked it up.
    package var seenPayments: Int64? {
        get { shared.fields.seenPayments }
        set { change { $0.seenPayments = newValue } }
    }
    /// Whether the ledger had seen the link as ended before this payment came. Not the service's.
    package var isKnownLate: Bool {
        get { shared.fields.isKnownLate }
        set { change { $0.isKnownLate = newValue } }
    }

    /// Whether it was looked at often enough to be paid on the service's word, which shows no payment. Never on the wire.
    package var isTakenAtItsWord: Bool {
        get { shared.fields.isTakenAtItsWord }
        set { change { $0.isTakenAtItsWord = newValue } }
    }

    /// Where a person pays: `https://1shotpay.com/en/link/<id>`.
    public var url: String { page.url(for: id) }

    /// Where an agent pays by x402: `https://1shotpay.com/api/link/<id>`.
    public var agentURL: String { page.agentURL(for: id) }
}
