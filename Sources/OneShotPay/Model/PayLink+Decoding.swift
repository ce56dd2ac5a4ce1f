// Reads a pay link from the service's JSON. Tolerant of what it does not know (keys, status numbers, order,
// null or absent options), strict about what money depends on: id, amount and status.

package import JSON

/// Why a reply that is JSON is not a pay link.
package struct PayLinkDecodingError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    /// The id, when that much was readable.
    package let id: PayLinkID?
}

extension PayLink {
    /// Reads a pay link from JSON text.
    /// - Throws: ``JSONError`` or ``PayLinkDecodingError``.
    package init(json bytes: UnsafeRawBufferPointer, page: CheckoutPage, scratch: JSONScratch = JSONScratch()) throws {
        var reader = JSONReader(bytes, scratch: scratch)
        guard try reader.next() == .beginObject else {
            throw PayLinkDecodingError(description: "the reply is not a JSON object", id: nil)
        }
        var id: PayLinkID?
        var amount: Money?
        var status: PayLinkStatus?
        var link = Fields(
            id: PayLinkID(high: 0, low: 0), status: .active, amount: .zero, description: "", reusable: false,
            payerDefinedAmount: false, archived: false, ignoredByPayer: false, paymentCount: 0, deletable: false,
            page: page)
        while try reader.next() == .key {
            let key = PayLinkKey(reader.text)
            let token = try reader.next()
            switch key {
            case .id: id = token == .string ? PayLinkID(utf8: reader.text) : nil
            case .amount: amount = token == .number ? reader.int64.map(Money.init(microUSDC:)) : nil
            case .status: status = token == .number ? reader.int64.map(PayLinkStatus.init(number:)) : nil
            case .description: link.description = reader.string(token) ?? ""
            case .mediaUrl: link.mediaURL = reader.string(token)
            case .expirationTimestamp: link.expiresAt = reader.timestamp(token)
            case .reuseable: link.reusable = token == .bool(true)
            case .payerDefinedAmount: link.payerDefinedAmount = token == .bool(true)
            case .requestedPayerUserId: link.payer = reader.identifier(token)
            case .archived: link.archived = token == .bool(true)
            case .ignoredByRequestedPayer: link.ignoredByPayer = token == .bool(true)
            case .paymentCount: link.paymentCount = reader.integer(token) ?? 0
            case .deletable: link.deletable = token == .bool(true)
            case .mostRecentPayment where token == .beginObject:
                link.payment = try Payment(reading: &reader)
                continue
            case .mostRecentPayment: link.payment = nil
            case .userId: link.userID = reader.identifier(token)
            // The merchant's own: the same in every link.
            case .username: link.username = reader.string(token, repeatedAt: 0)
            case .accountAddress: link.accountAddress = reader.string(token, repeatedAt: 1)
            case .profileImageUrl: link.profileImageURL = reader.string(token, repeatedAt: 2)
            case .createdTimestamp: link.createdAt = reader.timestamp(token)
            case .updatedTimestamp: link.updatedAt = reader.timestamp(token)
            case .other: break
            }
            try reader.skipRest(of: token)
        }
        _ = try reader.next()  // refuses anything after the object
        guard let id else {
            throw PayLinkDecodingError(description: "the reply has no id that is a UUID", id: nil)
        }
        guard let amount else {
            throw PayLinkDecodingError(description: "the reply's amount is not an integer of micro-USDC", id: id)
        }
        guard let status else {
            throw PayLinkDecodingError(description: "the reply's status is not an integer", id: id)
        }
        link.id = id
        link.amount = amount
        link.status = status
        self.init(link)
    }
}

extension Payment {
    /// Reads a payment as the ledger keeps it, which is the service's form.
    package init(json bytes: UnsafeRawBufferPointer) throws {
        var reader = JSONReader(bytes)
        guard try reader.next() == .beginObject else {
            throw PayLinkDecodingError(description: "a payment that is no object", id: nil)
        }
        self = try Payment(reading: &reader)
    }

    /// Reads a payment whose opening brace was just read.
    fileprivate init(reading reader: inout JSONReader) throws {
        var id: PaymentID?
        var amount: Money?
        var payment = Payment(id: PaymentID(high: 0, low: 0), amount: .zero)
        while try reader.next() == .key {
            let key = PaymentKey(reader.text)
            let token = try reader.next()
            switch key {
            case .id: id = reader.identifier(token)
            case .amount: amount = token == .number ? reader.int64.map(Money.init(microUSDC:)) : nil
            case .payLinkId: payment.payLinkID = reader.identifier(token)
            case .relayerTransactionId: payment.relayerTransactionID = reader.string(token)
            case .transactionHash: payment.transactionHash = reader.string(token).flatMap { $0.isEmpty ? nil : $0 }
            case .paidByUserId: payment.paidBy = reader.identifier(token)
            case .createdTimestamp: payment.createdAt = reader.timestamp(token)
            case .updatedTimestamp: payment.updatedAt = reader.timestamp(token)
            case .other: break
            }
            try reader.skipRest(of: token)
        }
        guard let id else {
            throw PayLinkDecodingError(description: "the reply's payment has no id that is a UUID", id: nil)
        }
        guard let amount else {
            throw PayLinkDecodingError(
                description: "the amount of the reply's payment is not an integer of micro-USDC", id: nil)
        }
        payment.id = id
        payment.amount = amount
        self = payment
    }
}

extension JSONReader {
    fileprivate func string(_ token: JSONToken) -> String? {
        token == .string ? string : nil
    }

    fileprivate func string(_ token: JSONToken, repeatedAt place: Int) -> String? {
        token == .string ? string(repeatedAt: place) : nil
    }

    fileprivate func identifier<ID: UUIDIdentifier>(_ token: JSONToken) -> ID? {
        token == .string ? ID(utf8: text) : nil
    }

    fileprivate func integer(_ token: JSONToken) -> Int64? {
        token == .number ? int64 : nil
    }

    /// Unix seconds. A fraction is cut off; what is no plausible time is no time.
    fileprivate func timestamp(_ token: JSONToken) -> Int64? {
        guard token == .number else { return nil }
        if let whole = int64 { return whole }
        guard let value = double, value.magnitude < 1e15 else { return nil }
        return Int64(value)
    }
}
