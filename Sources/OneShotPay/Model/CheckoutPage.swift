// Builds the hosted address of a link from its id: the service's own `url` field is not relied upon.

/// Which hosted checkout page a link's address leads to.
public struct CheckoutPage: Sendable, Hashable {
    /// The service's address without a trailing slash, such as `https://1shotpay.com`.
    public let baseURL: String
    /// The page's language.
    public var locale: CheckoutLocale
    /// Whether the page closes its window once the link is paid.
    public var closeOnComplete: Bool

    /// - Parameters:
    ///   - baseURL: the service's address without a trailing slash.
    ///   - locale: the page's language.
    ///   - closeOnComplete: whether the page closes itself once the link is paid.
    public init(baseURL: String, locale: CheckoutLocale = .english, closeOnComplete: Bool = false) {
        self.baseURL = baseURL
        self.locale = locale
        self.closeOnComplete = closeOnComplete
    }

    /// The address at which a person pays the link `id`.
    public func url(for id: PayLinkID) -> String {
        address(of: id, behind: "/\(locale.rawValue)/link/", closeOnComplete ? "?closeOnComplete=true" : "")
    }

    /// The address at which an agent pays the link `id` (x402).
    public func agentURL(for id: PayLinkID) -> String {
        address(of: id, behind: "/api/link/", "")
    }

    /// Written in one piece: each link that a script is given has two.
    private func address(of id: PayLinkID, behind path: String, _ query: String) -> String {
        let length = baseURL.utf8.count + path.utf8.count + 36 + query.utf8.count
        return String(unsafeUninitializedCapacity: length) { buffer in
            var rest = UnsafeMutableBufferPointer(rebasing: buffer[...])
            func write(_ text: String) {
                let end = rest.update(fromContentsOf: text.utf8)
                rest = UnsafeMutableBufferPointer(rebasing: rest[end...])
            }
            write(baseURL)
            write(path)
            id.writeText(to: UnsafeMutableRawBufferPointer(rest))
            rest = UnsafeMutableBufferPointer(rebasing: rest[36...])
            write(query)
            return length
        }
    }
}
