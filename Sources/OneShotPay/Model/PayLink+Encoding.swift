// Writes a pay link in the service's own JSON form, so that a store can keep it and read it back with the same reader.

package import JSON

extension PayLink {
    /// Writes the link as the service would. `page` and `possibleOrphans` are not part of it.
    package func write(to json: JSONWriter) {
        json.beginObject()
        json.key("id"); json.string(id.description)
        json.key("userId"); json.optional(userID?.description)
        json.key("username"); json.optional(username)
        json.key("accountAddress"); json.optional(accountAddress)
        json.key("profileImageUrl"); json.optional(profileImageURL)
        json.key("status"); json.int(status.number)
        json.key("amount"); json.int(amount.microUSDC)
        json.key("description"); json.string(description)
        json.key("mediaUrl"); json.optional(mediaURL)
        json.key("expirationTimestamp"); json.optional(expiresAt)
        json.key("reuseable"); json.bool(reusable)
        json.key("payerDefinedAmount"); json.bool(payerDefinedAmount)
        json.key("requestedPayerUserId"); json.optional(payer?.description)
        json.key("archived"); json.bool(archived)
        json.key("ignoredByRequestedPayer"); json.bool(ignoredByPayer)
        json.key("paymentCount"); json.int(paymentCount)
        json.key("deletable"); json.bool(deletable)
        json.key("mostRecentPayment")
        if let payment { payment.write(to: json) } else { json.null() }
        json.key("createdTimestamp"); json.optional(createdAt)
        json.key("updatedTimestamp"); json.optional(updatedAt)
        json.endObject()
    }
}

extension Payment {
    /// Writes the payment as the service would.
    package func write(to json: JSONWriter) {
        json.beginObject()
        json.key("id"); json.string(id.description)
        json.key("payLinkId"); json.optional(payLinkID?.description)
        json.key("amount"); json.int(amount.microUSDC)
        json.key("relayerTransactionId"); json.optional(relayerTransactionID)
        json.key("transactionHash"); json.optional(transactionHash)
        json.key("paidByUserId"); json.optional(paidBy?.description)
        json.key("createdTimestamp"); json.optional(createdAt)
        json.key("updatedTimestamp"); json.optional(updatedAt)
        json.endObject()
    }
}

extension JSONWriter {
    fileprivate func optional(_ value: String?) {
        if let value { string(value) } else { null() }
    }

    fileprivate func optional(_ value: Int64?) {
        if let value { int(value) } else { null() }
    }
}
