// The id of a 1ShotPay user: the merchant, or a payer named in a link.

/// The id of a 1ShotPay user: the merchant, or a payer named in a link.
public struct UserID: UUIDIdentifier {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
