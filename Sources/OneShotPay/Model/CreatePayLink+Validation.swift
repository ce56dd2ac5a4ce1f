// Checks terms before anything is sent, so that a bad row costs no request and its error names the field.

import Console
import HTTPTransport

extension CreatePayLink {
    /// The longest description and media address that are sent, in bytes of UTF-8. The service documents no limit;
    /// this one keeps a mistake (a whole file as description) from becoming a request.
    public static let maximumTextBytes = 16_384

    /// Checks the terms.
    /// - Throws: ``OneShotPayError`` with code ``OneShotPayError/Code/invalidRequest`` and the field's name.
    public func validate() throws(OneShotPayError) {
        if amount <= .zero {
            throw Self.invalid("amount", "is \(amount); a link needs more than 0")
        }
        if amount > Money.maximumLinkAmount {
            throw Self.invalid(
                "amount", "is \(amount), more than the limit of \(Money.maximumLinkAmount) USD for one link")
        }
        try validateDescription()
        if let mediaURL {
            if mediaURL.utf8.count > Self.maximumTextBytes {
                throw Self.invalid("media_url", "is longer than \(Self.maximumTextBytes) bytes")
            }
            if let problem = WebAddress.problem(withMediaURL: mediaURL) {
                throw Self.invalid("media_url", "\"\(ShownText.short(mediaURL, limit: 80))\" \(problem)")
            }
        }
        if let expiresAt {
            if expiresAt <= 0 {
                throw Self.invalid("expires_at", "is \(expiresAt); give Unix seconds in the future")
            }
            if expiresAt > 99_999_999_999 {
                throw Self.invalid("expires_at", "is \(expiresAt), after the year 5138; give seconds, not milliseconds")
            }
        }
        if let idempotencyKey {
            let bytes = idempotencyKey.utf8
            guard (1...255).contains(bytes.count), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Self.invalid("idempotency_key", "must be 1 to 255 visible ASCII characters without spaces")
            }
        }
    }

    private func validateDescription() throws(OneShotPayError) {
        let bytes = description.utf8
        if bytes.count > Self.maximumTextBytes {
            throw Self.invalid("description", "is longer than \(Self.maximumTextBytes) bytes")
        }
        if bytes.allSatisfy({ $0 <= 0x20 }) {
            throw Self.invalid("description", "is empty; say what the payer pays for")
        }
        // Line breaks and tabs are text; other control characters never are.
        if bytes.contains(where: { ($0 < 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09) || $0 == 0x7F }) {
            throw Self.invalid("description", "contains a control character")
        }
    }

    private static func invalid(_ field: String, _ problem: String) -> OneShotPayError {
        OneShotPayError(.invalidRequest, "\(field) \(problem)", field: field)
    }
}
