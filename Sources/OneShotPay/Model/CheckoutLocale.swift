// The languages of the hosted checkout page.

/// The language of the hosted checkout page; part of a pay link's address.
public enum CheckoutLocale: String, Sendable, Hashable, CaseIterable {
    case english = "en"
    case spanish = "es"
    case turkish = "tr"
}
