// The keys of the service's JSON, recognised by their bytes.

import JSON

/// A key of a pay link's JSON object.
enum PayLinkKey {
    case id, userId, username, accountAddress, profileImageUrl, status, amount, description, mediaUrl
    case expirationTimestamp, reuseable, payerDefinedAmount, requestedPayerUserId, archived
    case ignoredByRequestedPayer, paymentCount, deletable, mostRecentPayment, createdTimestamp, updatedTimestamp
    case other

    /// The key that `text` spells. The length leaves at most three comparisons.
    init(_ text: UnsafeRawBufferPointer) {
        switch text.count {
        case 2 where text.spells("id"): self = .id
        case 6 where text.spells("status"): self = .status
        case 6 where text.spells("amount"): self = .amount
        case 6 where text.spells("userId"): self = .userId
        case 8 where text.spells("username"): self = .username
        case 8 where text.spells("mediaUrl"): self = .mediaUrl
        case 8 where text.spells("archived"): self = .archived
        case 9 where text.spells("reuseable"): self = .reuseable
        case 9 where text.spells("deletable"): self = .deletable
        case 11 where text.spells("description"): self = .description
        case 12 where text.spells("paymentCount"): self = .paymentCount
        case 14 where text.spells("accountAddress"): self = .accountAddress
        case 15 where text.spells("profileImageUrl"): self = .profileImageUrl
        case 16 where text.spells("createdTimestamp"): self = .createdTimestamp
        case 16 where text.spells("updatedTimestamp"): self = .updatedTimestamp
        case 17 where text.spells("mostRecentPayment"): self = .mostRecentPayment
        case 18 where text.spells("payerDefinedAmount"): self = .payerDefinedAmount
        case 19 where text.spells("expirationTimestamp"): self = .expirationTimestamp
        case 20 where text.spells("requestedPayerUserId"): self = .requestedPayerUserId
        case 23 where text.spells("ignoredByRequestedPayer"): self = .ignoredByRequestedPayer
        default: self = .other
        }
    }
}

/// A key of a payment's JSON object.
enum PaymentKey {
    case id, payLinkId, amount, relayerTransactionId, transactionHash, paidByUserId, createdTimestamp
    case updatedTimestamp, other

    /// The key that `text` spells.
    init(_ text: UnsafeRawBufferPointer) {
        switch text.count {
        case 2 where text.spells("id"): self = .id
        case 6 where text.spells("amount"): self = .amount
        case 9 where text.spells("payLinkId"): self = .payLinkId
        case 12 where text.spells("paidByUserId"): self = .paidByUserId
        case 15 where text.spells("transactionHash"): self = .transactionHash
        case 16 where text.spells("createdTimestamp"): self = .createdTimestamp
        case 16 where text.spells("updatedTimestamp"): self = .updatedTimestamp
        case 20 where text.spells("relayerTransactionId"): self = .relayerTransactionId
        default: self = .other
        }
    }
}
