// The body of a create request, and the question whether a link is the one that was asked for.

import Console
import HTTPTransport
import JSON

extension CreatePayLink {
    /// Writes the JSON body: the terms that were given, by the service's names.
    func write(to json: JSONWriter) {
        json.beginObject()
        for term in Self.terms {
            guard let name = term.wireName, let value = term.read(self) else { continue }
            json.key(name)
            value.writeToService(json, term.kind)
        }
        json.endObject()
    }

    /// Names the first term in which `link`, just created, differs from what was asked; `nil` when it is the one.
    ///
    /// Only the amount and the description decide: the service may have its own idea of defaults for the rest.
    func firstDifference(from link: PayLink) -> String? {
        if link.amount != amount { return "amount \(link.amount) instead of \(amount)" }
        if link.description != description {
            return "description \"\(ShownText.short(link.description, limit: 60))\""
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
