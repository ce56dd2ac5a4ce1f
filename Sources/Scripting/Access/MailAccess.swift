// Whom a script may write to: nobody, unless the person who runs it says so.

import Mail

/// The recipients that `mail.send` may have.
public struct MailAccess: Sendable, Hashable {
    private enum Rule: Sendable, Hashable {
        case everybody
        case domain([UInt8])
        case address([UInt8])
    }

    /// A rule that cannot be read; the text completes "the recipient …".
    public struct Problem: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    private var rules: [Rule] = []

    /// Nobody.
    public init() {}

    /// Everybody.
    package static var everybody: MailAccess {
        var access = MailAccess()
        access.rules = [.everybody]
        return access
    }

    /// Adds recipients: `anna@shop.example`, `@shop.example` for everybody there, or `*` for everybody.
    /// - Throws: ``Problem`` when the text is none of these.
    public mutating func allow(_ text: String) throws(Problem) {
        if text == "*" {
            rules.append(.everybody)
            return
        }
        let isDomain = text.utf8.first == UInt8(ascii: "@")
        let address: MailAddress
        do throws(MailFailure) {
            address = try MailAddress(parsing: isDomain ? "x" + text : text, field: "recipient")
        } catch {
            throw Problem(description: "must be an address, @DOMAIN or *")
        }
        // A display name, or spaces around it, is more than is compared; a star is hardly meant as a letter.
        guard !text.contains(where: { "* <>\"".contains($0) }), address.name == nil else {
            throw Problem(description: "must be an address without a name, @DOMAIN or *")
        }
        rules.append(isDomain ? .domain(Self.folded(address.domain)) : .address(Self.folded(address.spec)))
    }

    /// Whether mail may go to this address. A domain stands for itself, not for what is below it.
    func allows(_ address: MailAddress) -> Bool {
        rules.contains { rule in
            switch rule {
            case .everybody: true
            case .domain(let domain): domain == Self.folded(address.domain)
            case .address(let spec): spec == Self.folded(address.spec)
            }
        }
    }

    /// Letters of ASCII alike in both cases, everything else byte by byte.
    private static func folded(_ text: String) -> [UInt8] {
        text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
}
