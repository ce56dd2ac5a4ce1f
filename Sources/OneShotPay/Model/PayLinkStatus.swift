// Where a pay link stands, as the service numbers it.

/// Where a pay link stands.
public enum PayLinkStatus: Sendable, Hashable {
    /// Can be paid.
    case active
    /// Has been paid. The payment's transaction hash may still be missing until it settles on chain.
    case paid
    /// Can no longer be paid.
    case expired
    /// A status that this version does not know, by the service's number.
    case unknown(Int64)

    /// The status that the service writes as `number`.
    public init(number: Int64) {
        switch number {
        case 0: self = .active
        case 1: self = .paid
        case 2: self = .expired
        default: self = .unknown(number)
        }
    }

    /// The number by which the service knows the status.
    public var number: Int64 {
        switch self {
        case .active: 0
        case .paid: 1
        case .expired: 2
        case .unknown(let number): number
        }
    }

    /// `active`, `paid`, `expired` or `unknown`.
    public var name: String {
        switch self {
        case .active: "active"
        case .paid: "paid"
        case .expired: "expired"
        case .unknown: "unknown"
        }
    }
}
