// Writes a pay link in the service's own JSON form, so that a store can keep it and read it back with the same reader.

package import JSON

extension PayLink {
    /// Writes the link as the service would, but for what its absence says as well: nothing, no, and no payments. `page` and
    /// `possibleOrphans` are not part of it.
    package func write(to json: JSONWriter) {
        json.beginObject()
        json.key("id"); json.identifier(id)
        json.optional("userId", userID)
        json.optional("username", username)
        json.optional("accountAddress", accountAddress)
        json.optional("profileImageUrl", profileImageURL)
        json.key("status"); json.int(status.number)
        json.key("amount"); json.int(amount.microUSDC)
        json.key("description"); json.string(description)
        json.optional("mediaUrl", mediaURL)
        json.optional("expirationTimestamp", expiresAt)
        json.flag("reuseable", reusable)
        json.flag("payerDefinedAmount", payerDefinedAmount)
        json.optional("requestedPayerUserId", payer)
        json.flag("archived", archived)
        json.flag("ignoredByRequestedPayer", ignoredByPayer)
        if paymentCount != 0 { json.key("paymentCount"); json.int(paymentCount) }
        json.flag("deletable", deletable)
        if let payment {
            json.key("mostRecentPayment")
            payment.write(to: json)
        }
        json.optional("createdTimestamp", createdAt)
        json.optional("updatedTimestamp", updatedAt)
        json.endObject()
    }
}

extension PayLink {
    /// The link as every ledger gives it back: what its JSON holds, with a page.
    package func asKept(page: CheckoutPage) -> PayLink {
        with { fields in
            fields.page = page
            fields.possibleOrphans = 0
            (fields.key, fields.seenPayments) = (nil, nil)
            (fields.isKnownLate, fields.isTakenAtItsWord) = (false, false)
        }
    }
}

extension Payment {
    /// Writes the payment as the service would, without what is not there.
    package func write(to json: JSONWriter) {
        json.beginObject()
        json.key("id"); json.identifier(id)
        json.optional("payLinkId", payLinkID)
        json.key("amount"); json.int(amount.microUSDC)
        json.optional("relayerTransactionId", relayerTransactionID)
        json.optional("transactionHash", transactionHash)
        json.optional("paidByUserId", paidBy)
        json.optional("createdTimestamp", createdAt)
        json.optional("updatedTimestamp", updatedAt)
        json.endObject()
    }
}

extension JSONWriter {
    fileprivate func identifier(_ id: some UUIDIdentifier) {
        plainString(of: 36) { id.writeText(to: $0) }
    }

    fileprivate func optional(_ name: StaticString, _ value: (some UUIDIdentifier)?) {
        guard let value else { return }
        key(name)
        identifier(value)
    }

    fileprivate func optional(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    fileprivate func optional(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        key(name)
        int(value)
    }

    fileprivate func flag(_ name: StaticString, _ isSet: Bool) {
        guard isSet else { return }
        key(name)
        bool(true)
    }
}
