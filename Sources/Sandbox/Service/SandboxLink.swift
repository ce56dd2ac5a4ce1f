// A pay link and its payment as the sandbox keeps them: what is stored, and what is derived at an instant.
// Their wire form is WireFormat; the rules by which they change are SandboxState.

/// A pay link of the sandbox.
package struct SandboxLink: Sendable, Hashable, Codable, Identifiable {
    /// The three states that the API reports, by their wire numbers.
    package enum Status: Int, Sendable {
        case active = 0
        case paid = 1
        case expired = 2
    }

    /// The link's UUIDv7.
    package let id: String
    /// Micro-USDC.
    package let amount: Int64
    package let description: String
    package let mediaURL: String?
    package let reusable: Bool
    package let requestedPayerUserID: String?
    /// Unix seconds.
    package internal(set) var expirationTimestamp: Int64
    package internal(set) var archived = false
    package internal(set) var ignoredByRequestedPayer = false
    package internal(set) var paymentCount = 0
    package internal(set) var mostRecentPayment: SandboxPayment?
    /// The newest payment, while it counts but is not shown yet.
    package internal(set) var withheldPayment: SandboxPayment?
    /// Whether its payer chooses the amount; nil, as in state files of older sandboxes, is no.
    package internal(set) var payerDefinedAmount: Bool?
    package let created: SandboxInstant
    var updated: SandboxInstant

    /// The status at an instant: a single-use link is paid by its first payment, a reusable one stays active
    /// until it expires.
    package func status(at now: SandboxInstant) -> Status {
        if !reusable, paymentCount > 0 { return .paid }
        return now.unixSeconds >= expirationTimestamp ? .expired : .active
    }

    /// When the link last changed, its expiry included.
    func updated(at now: SandboxInstant) -> SandboxInstant {
        guard status(at: now) == .expired else { return updated }
        return max(updated, .seconds(expirationTimestamp))
    }
}

/// A payment of a pay link.
package struct SandboxPayment: Sendable, Hashable, Codable, Identifiable {
    /// The payment's UUIDv7.
    package let id: String
    /// Micro-USDC.
    package let amount: Int64
    package let relayerTransactionID: String
    package let paidByUserID: String
    package let created: SandboxInstant
    /// When the transaction hash appears.
    package let settles: SandboxInstant
    /// The hash that appears then; see ``transactionHash(at:)``.
    let settledHash: String

    /// `0x` and 64 hexadecimal digits once settled, `nil` before.
    package func transactionHash(at now: SandboxInstant) -> String? { now >= settles ? settledHash : nil }
}
