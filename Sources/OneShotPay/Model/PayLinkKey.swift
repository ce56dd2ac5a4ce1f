// The keys of the service's JSON, recognised by their bytes.

/// A key of a pay link's JSON object.
enum PayLinkKey {
    case id, userId, username, accountAddress, profileImageUrl, status, amount, description, mediaUrl
    case expirationTimestamp, reuseable, payerDefinedAmount, requestedPayerUserId, archived
    case ignoredByRequestedPayer, paymentCount, deletable, mostRecentPayment, createdTimestamp, updatedTimestamp
    case other

    /// The key that `text` spells. The length narrows it down to at most four comparisons.
    init(_ text: UnsafeRawBufferPointer) {
        switch text.count {
        case 2: self = text.spells("id") ? .id : .other
        case 6:
            self = text.spells("status") ? .status
                : text.spells("amount") ? .amount
                : text.spells("userId") ? .userId : .other
        case 8:
            self = text.spells("username") ? .username
                : text.spells("mediaUrl") ? .mediaUrl
                : text.spells("archived") ? .archived : .other
        case 9:
            self = text.spells("reuseable") ? .reuseable
                : text.spells("deletable") ? .deletable : .other
        case 11: self = text.spells("description") ? .description : .other
        case 12: self = text.spells("paymentCount") ? .paymentCount : .other
        case 14: self = text.spells("accountAddress") ? .accountAddress : .other
        case 15: self = text.spells("profileImageUrl") ? .profileImageUrl : .other
        case 16:
            self = text.spells("createdTimestamp") ? .createdTimestamp
                : text.spells("updatedTimestamp") ? .updatedTimestamp : .other
        case 17: self = text.spells("mostRecentPayment") ? .mostRecentPayment : .other
        case 18: self = text.spells("payerDefinedAmount") ? .payerDefinedAmount : .other
        case 19: self = text.spells("expirationTimestamp") ? .expirationTimestamp : .other
        case 20: self = text.spells("requestedPayerUserId") ? .requestedPayerUserId : .other
        case 23: self = text.spells("ignoredByRequestedPayer") ? .ignoredByRequestedPayer : .other
        default: self = .other
        }
    }
}

/// A key of a payment's JSON object.
enum PaymentKey {
    case id, payLinkId, amount, relayerTransactionId, transactionHash, paidByUserId, createdTimestamp
    case updatedTimestamp, other

    init(_ text: UnsafeRawBufferPointer) {
        switch text.count {
        case 2: self = text.spells("id") ? .id : .other
        case 6: self = text.spells("amount") ? .amount : .other
        case 9: self = text.spells("payLinkId") ? .payLinkId : .other
        case 12: self = text.spells("paidByUserId") ? .paidByUserId : .other
        case 15: self = text.spells("transactionHash") ? .transactionHash : .other
        case 16:
            self = text.spells("createdTimestamp") ? .createdTimestamp
                : text.spells("updatedTimestamp") ? .updatedTimestamp : .other
        case 20: self = text.spells("relayerTransactionId") ? .relayerTransactionId : .other
        default: self = .other
        }
    }
}
