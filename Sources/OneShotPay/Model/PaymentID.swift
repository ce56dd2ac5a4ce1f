// The id of a payment.

/// The id of a payment.
public struct PaymentID: UUIDIdentifier {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
