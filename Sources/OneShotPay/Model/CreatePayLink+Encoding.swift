// The body of a create request, and the question whether a link is the one that was asked for.

extension CreatePayLink {
    /// Writes the JSON body. Options that were not given are left out; `reuseable` (the service's spelling) never is.
    func write(to json: JSONWriter) {
        json.beginObject()
        json.key("amount"); json.money(amount)
        json.key("description"); json.string(description)
        if let mediaURL { json.key("mediaUrl"); json.string(WebAddress.withASCIIHost(mediaURL)) }
        json.key("reuseable"); json.bool(reusable)
        if let expiresAt { json.key("expirationTimestamp"); json.int(expiresAt) }
        if let payer { json.key("requestedPayerUserId"); json.string(payer.description) }
        json.endObject()
    }

    /// Names the first term in which `link`, just created, differs from what was asked; `nil` when it is the one.
    ///
    /// Only the amount and the description decide: the service may have its own idea of defaults for the rest.
    func firstDifference(from link: PayLink) -> String? {
        if link.amount != amount { return "amount \(link.amount) instead of \(amount)" }
        if link.description != description {
            return "description \"\(DisplayText.excerpt(of: link.description, limit: 60))\""
        }
        return nil
    }

    /// Like ``firstDifference(from:)`` for a link found by an id in a damaged reply: every term must agree.
    package func firstDifference(fromAdopted link: PayLink) -> String? {
        if let difference = firstDifference(from: link) { return difference }
        if link.reusable != reusable { return "reusable \(link.reusable)" }
        if let payer, link.payer != payer { return "another payer" }
        if let expiresAt, link.expiresAt != expiresAt { return "another expiry" }
        if let mediaURL, link.mediaURL.map(WebAddress.withASCIIHost) != WebAddress.withASCIIHost(mediaURL) {
            return "another media_url"
        }
        return nil
    }
}
