// Why a text is not an amount of money, or why two amounts cannot be combined.

/// A text that is not an amount of money, or a sum that does not fit.
public struct MoneyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, as a stable name.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case empty
        case surroundingSpace = "surrounding_space"
        case currencySign = "currency_sign"
        case comma
        /// A dot where the decimal sign is a comma.
        case dot
        case exponent
        case plusSign = "plus_sign"
        case missingDigits = "missing_digits"
        case repeatedDot = "repeated_dot"
        case tooManyDecimals = "too_many_decimals"
        case notANumber = "not_a_number"
        case tooLarge = "too_large"
        case overflow
    }

    /// What is wrong, as a stable name.
    public let code: Code

    /// What is wrong and what to write instead, for a person. Holds at most 40 characters of the refused text.
    public let message: String

    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
