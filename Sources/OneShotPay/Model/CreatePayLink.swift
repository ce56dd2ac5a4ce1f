// What a merchant asks for: the terms of a new pay link; and whether a link is the one that was asked for.
// Checking the terms is in CreatePayLink+Validation.swift.

import Console
import HTTPTransport

/// The terms of a pay link to create.
///
/// ```swift
/// var request = CreatePayLink(amount: try Money(parsing: "12.50"), description: "Order 1001")
/// request.expiresAt = 1_767_225_600
/// let link = try await client.createPayLink(request)
/// ```
public struct CreatePayLink: Sendable, Hashable {
    /// More than zero, at most ``Money/maximumLinkAmount``.
    public var amount: Money
    /// What the payer reads. At least one visible character.
    public var description: String
    /// Address of a picture for the checkout page: `http` or `https`.
    public var mediaURL: String?
    /// Whether the link can be paid more than once.
    public var reusable = false
    /// When the link stops being payable, in Unix seconds; `nil` leaves it to the service.
    public var expiresAt: Int64?
    /// The one user who may pay.
    ///
    /// With a named payer, who might see a link that nobody else knows of, a create whose outcome is unknown
    /// is not sent again: it fails with ``OneShotPayError/Code/inDoubt``.
    public var payer: UserID?
    /// Whether the checkout page closes its window once the link is paid.
    public var closeOnComplete = false
    /// The language of the checkout page; `nil` takes the configuration's.
    public var locale: CheckoutLocale?
    /// Sent as the `Idempotency-Key` header: 1 to 255 visible ASCII characters. Whether the service heeds it is
    /// not documented, so nothing here relies on it.
    public var idempotencyKey: String?

    /// Terms with nothing but an amount and a description.
    public init(amount: Money, description: String) {
        self.amount = amount
        self.description = description
    }
}

extension CreatePayLink {
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
