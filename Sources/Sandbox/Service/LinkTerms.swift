// The terms of a pay link as a create request states them, read strictly from JSON.
// Every refusal names the key at fault, so that a client's mistake shows at once.

/// The terms that a create request asks for, already checked.
struct LinkTerms: Sendable, Equatable {
    var amount: Int64
    var description: String
    var reusable: Bool
    var mediaURL: String?
    var expirationTimestamp: Int64?
    var requestedPayerUserID: String?

    static let descriptionLimit = 1_000
    static let mediaURLLimit = 2_048
    private static let latestTimestamp: Int64 = 253_402_300_799  // the last second of the year 9999
    private static let keys: Set<String> = [
        "amount", "description", "mediaUrl", "reuseable", "expirationTimestamp", "requestedPayerUserId",
    ]

    /// Reads the body of a create request.
    /// - Throws: ``Refusal`` (400) naming the first key that is unknown, missing or wrong.
    init(_ body: JSONValue, now: SandboxInstant, acceptsPastExpiry: Bool = false) throws(Refusal) {
        try body.requireObject(keys: Self.keys)
        amount = try Self.amount(body["amount"])
        description = try Self.description(body["description"])
        guard let reusable = body["reuseable"] else { throw .missing("reuseable") }
        guard let flag = reusable.boolValue else {
            throw .wrong("reuseable", "must be a boolean, not \(reusable.kind)")
        }
        self.reusable = flag
        mediaURL = try body["mediaUrl"].map { value throws(Refusal) in try Self.mediaURL(value) }
        expirationTimestamp = try body["expirationTimestamp"].map { value throws(Refusal) in
            try Self.expiration(value, after: acceptsPastExpiry ? 0 : now.unixSeconds)
        }
        requestedPayerUserID = try body["requestedPayerUserId"].map { value throws(Refusal) in
            guard let text = value.stringValue, isUUID(text) else {
                throw .wrong("requestedPayerUserId", "must be a UUID")
            }
            return text
        }
    }

    private static func amount(_ value: JSONValue?) throws(Refusal) -> Int64 {
        guard let value else { throw .missing("amount") }
        guard case .number(let literal) = value else { throw .wrong("amount", "must be a number, not \(value.kind)") }
        do {
            return try MicroUSD.parse(literal)
        } catch {
            switch error {
            case .notADecimal: throw .wrong("amount", "must be a decimal number")
            case .notPositive: throw .wrong("amount", "must be above 0")
            case .tooManyDecimals: throw .wrong("amount", "has more than 6 decimals: \(literal.prefix(40))")
            case .tooLarge: throw .wrong("amount", "is above 1000000000000")
            }
        }
    }

    private static func description(_ value: JSONValue?) throws(Refusal) -> String {
        guard let value else { throw .missing("description") }
        guard let text = value.stringValue else { throw .wrong("description", "must be a string, not \(value.kind)") }
        guard text.contains(where: { !$0.isWhitespace }) else { throw .wrong("description", "must not be empty") }
        guard text.unicodeScalars.count <= descriptionLimit else {
            throw .wrong("description", "is longer than \(descriptionLimit) characters")
        }
        let controls = text.unicodeScalars.contains {
            ($0.value < 0x20 && $0 != "\n" && $0 != "\t") || $0.value == 0x7F
        }
        guard !controls else { throw .wrong("description", "must not contain control characters") }
        return text
    }

    private static func mediaURL(_ value: JSONValue) throws(Refusal) -> String {
        guard let text = value.stringValue else { throw .wrong("mediaUrl", "must be a string, not \(value.kind)") }
        guard text.utf8.count <= mediaURLLimit else {
            throw .wrong("mediaUrl", "is longer than \(mediaURLLimit) bytes")
        }
        guard isWebURL(text) else { throw .wrong("mediaUrl", "must be an http or https URL") }
        return text
    }

    private static func expiration(_ value: JSONValue, after earliest: Int64) throws(Refusal) -> Int64 {
        guard let seconds = value.integerValue else {
            throw .wrong("expirationTimestamp", "must be a whole number of Unix seconds")
        }
        guard seconds > earliest else { throw .wrong("expirationTimestamp", "must be in the future") }
        guard seconds <= latestTimestamp else { throw .wrong("expirationTimestamp", "is after the year 9999") }
        return seconds
    }
}

/// Whether the text is 8-4-4-4-12 hexadecimal digits.
func isUUID(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return false }
    return bytes.enumerated().allSatisfy { position, byte in
        switch position {
        case 8, 13, 18, 23: byte == UInt8(ascii: "-")
        default: Character(Unicode.Scalar(byte)).isHexDigit && byte < 0x80
        }
    }
}
