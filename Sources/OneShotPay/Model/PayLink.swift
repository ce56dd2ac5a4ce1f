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
        var payment: Payment?
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

    private mutating func change(_ body: (inout Fields) -> Void) {
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

    public internal(set) var id: PayLinkID {
        get { shared.fields.id }
        set { change { $0.id = newValue } }
    }
    public internal(set) var status: PayLinkStatus {
        get { shared.fields.status }
        set { change { $0.status = newValue } }
    }
    public internal(set) var amount: Money {
        get { shared.fields.amount }
        set { change { $0.amount = newValue } }
    }
    public internal(set) var description: String {
        get { shared.fields.description }
        set { change { $0.description = newValue } }
    }
    /// Address of the picture on the checkout page.
    public internal(set) var mediaURL: String? {
        get { shared.fields.mediaURL }
        set { change { $0.mediaURL = newValue } }
    }
    /// Unix seconds; `nil` when the link does not expire.
    public internal(set) var expiresAt: Int64? {
        get { shared.fields.expiresAt }
        set { change { $0.expiresAt = newValue } }
    }
    /// Whether the link can be paid more than once.
    public internal(set) var reusable: Bool {
        get { shared.fields.reusable }
        set { change { $0.reusable = newValue } }
    }
    /// Whether the payer chooses the amount.
    public internal(set) var payerDefinedAmount: Bool {
        get { shared.fields.payerDefinedAmount }
        set { change { $0.payerDefinedAmount = newValue } }
    }
    /// The one user who may pay, when one was named.
    public internal(set) var payer: UserID? {
        get { shared.fields.payer }
        set { change { $0.payer = newValue } }
    }
    public internal(set) var archived: Bool {
        get { shared.fields.archived }
        set { change { $0.archived = newValue } }
    }
    /// Whether the named payer has dismissed the request.
    public internal(set) var ignoredByPayer: Bool {
        get { shared.fields.ignoredByPayer }
        set { change { $0.ignoredByPayer = newValue } }
    }
    public internal(set) var paymentCount: Int64 {
        get { shared.fields.paymentCount }
        set { change { $0.paymentCount = newValue } }
    }
    public internal(set) var deletable: Bool {
        get { shared.fields.deletable }
        set { change { $0.deletable = newValue } }
    }
    /// The most recent payment.
    public internal(set) var payment: Payment? {
        get { shared.fields.payment }
        set { change { $0.payment = newValue } }
    }
    /// The merchant.
    public internal(set) var userID: UserID? {
        get { shared.fields.userID }
        set { change { $0.userID = newValue } }
    }
    public internal(set) var username: String? {
        get { shared.fields.username }
        set { change { $0.username = newValue } }
    }
    /// The merchant's account on chain: `0x` and 40 hexadecimal digits.
    public internal(set) var accountAddress: String? {
        get { shared.fields.accountAddress }
        set { change { $0.accountAddress = newValue } }
    }
    public internal(set) var profileImageURL: String? {
        get { shared.fields.profileImageURL }
        set { change { $0.profileImageURL = newValue } }
    }
    /// Unix seconds.
    public internal(set) var createdAt: Int64? {
        get { shared.fields.createdAt }
        set { change { $0.createdAt = newValue } }
    }
    /// Unix seconds.
    public internal(set) var updatedAt: Int64? {
        get { shared.fields.updatedAt }
        set { change { $0.updatedAt = newValue } }
    }

    /// Which checkout page ``url`` leads to. The service does not keep this; it comes from the request, or from
    /// the configuration when the link was fetched by its id.
    public var page: CheckoutPage {
        get { shared.fields.page }
        set { change { $0.page = newValue } }
    }

    /// How many attempts before the one that made this link may have made another one that nobody knows of.
    /// Zero unless the link comes from a create call that had to be sent again.
    public internal(set) var possibleOrphans: Int {
        get { shared.fields.possibleOrphans }
        set { change { $0.possibleOrphans = newValue } }
    }

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
