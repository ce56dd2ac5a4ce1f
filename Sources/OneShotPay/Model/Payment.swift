// One payment of a pay link.

/// A payment that was made for a pay link.
public struct Payment: Sendable, Hashable {
    public internal(set) var id: PaymentID
    /// The link that was paid.
    public internal(set) var payLinkID: PayLinkID?
    public internal(set) var amount: Money
    /// `0x` and hexadecimal digits; `nil` until the payment has settled on chain.
    public internal(set) var transactionHash: String?
    /// The relayer's own id of the transaction.
    public internal(set) var relayerTransactionID: String?
    /// Who paid.
    public internal(set) var paidBy: UserID?
    /// Unix seconds.
    public internal(set) var createdAt: Int64?
    /// Unix seconds.
    public internal(set) var updatedAt: Int64?

    /// Whether the payment is on chain.
    public var isSettled: Bool { transactionHash != nil }
}
