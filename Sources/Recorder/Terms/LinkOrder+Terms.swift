// Reads an order back from the terms that the ledger keeps.

import OneShotPay

extension LinkOrder {
    /// The order that ``terms(_:)`` wrote; `nil` when the text is none of its.
    package init?(terms: String, key: String?) {
        var request = CreatePayLink(amount: .zero, description: "")
        var expiry: Expiry?
        var hasAmount = false
        let bytes = Array(terms.utf8)
        let isRead = bytes.withUnsafeBytes { bytes -> Bool in
            var reader = JSONReader(bytes)
            guard let first = try? reader.next(), first == .beginObject else { return false }
            while let token = try? reader.next(), token == .key {
                let name = String(decoding: reader.text, as: UTF8.self)
                guard let value = try? reader.next() else { return false }
                let text = value == .string ? String(decoding: reader.text, as: UTF8.self) : nil
                switch name {
                case "amount":
                    guard let amount = text.flatMap({ try? Money(parsing: $0) }) else { return false }
                    request.amount = amount
                    hasAmount = true
                case "description": request.description = text ?? ""
                case "media_url": request.mediaURL = text
                case "reusable": request.reusable = value == .bool(true)
                // Only that there was a delay matters: the moment it led to is not known.
                case "expires_in": expiry = .after(text.flatMap(DurationText.parse) ?? .seconds(1))
                case "expires_at": expiry = value == .number ? reader.int64.map(Expiry.at) : nil
                case "payer": request.payer = text.flatMap { UserID($0) }
                case "close_on_complete": request.closeOnComplete = value == .bool(true)
                case "locale": request.locale = text.flatMap(CheckoutLocale.init)
                default: return false
                }
            }
            return hasAmount
        }
        guard isRead else { return nil }
        self.init(request, key: key, expiry: expiry)
    }
}
