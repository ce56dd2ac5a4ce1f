// An exact amount of US dollars, held as integer micro-USDC.
// Parsing text is in Money+Parsing.swift, checked arithmetic in Money+Arithmetic.swift.
// Whether an amount makes sense for a pay link is CreatePayLink's business, not Money's.

/// An exact amount of US dollars: an integer number of micro-USDC (millionths of a dollar).
///
/// No operation rounds and none goes through a binary fraction.
///
/// ```swift
/// let price = try Money(parsing: "12.50")
/// let total = try price.multiplied(by: 3)
/// print(total)             // 37.50
/// print(total.microUSDC)   // 37500000
/// ```
public struct Money: Sendable, Hashable, Comparable {
    /// The amount in millionths of a US dollar. May be negative: a difference of two amounts is money too.
    public let microUSDC: Int64

    /// Micro-USDC in one US dollar: USDC has six decimals on every chain.
    public static let microUSDCPerDollar: Int64 = 1_000_000

    /// No money.
    public static let zero = Money(microUSDC: 0)

    /// The most that one pay link may ask for: 1,000,000,000 USD.
    ///
    /// The service documents no limit. This one only catches amounts that were meant as something else
    /// (micro-USDC passed as dollars, say).
    public static let maximumLinkAmount = Money(microUSDC: 1_000_000_000 * microUSDCPerDollar)

    /// An amount of `microUSDC` millionths of a dollar, the unit in which the service answers.
    public init(microUSDC: Int64) {
        self.microUSDC = microUSDC
    }

    /// A whole number of dollars, or `nil` when it is too large to hold (beyond ±9,223,372,036,854).
    public init?(dollars: Int64) {
        let (product, overflow) = dollars.multipliedReportingOverflow(by: Self.microUSDCPerDollar)
        if overflow { return nil }
        self.microUSDC = product
    }

    /// The amount that a binary floating-point number stands for, when that is beyond doubt.
    ///
    /// `nil` unless the shortest decimal form of `value` has at most six decimals and its magnitude is below
    /// 2^32 USD (about 4.3 billion). So `0.1` is accepted and `0.1 + 0.2` is not.
    public init?(exactly value: Double) {
        // Below 2^32, half the distance to the next double (2^-22 USD, 0.24 micro-USDC) and half a unit of the
        // product's last place (0.25) stay under one half together: rounding finds the one amount it can be.
        guard value.magnitude < Self.exactNumbersEnd else { return nil }  // also refuses NaN and the infinities
        let scaled = (value * 1_000_000).rounded()
        // A correctly rounded division of two exact integers is what reading the decimal text would give.
        guard scaled / 1_000_000 == value else { return nil }
        self.microUSDC = Int64(scaled)
    }

    /// 2^32 USD: from here on doubles are too far apart for six decimals.
    static let exactNumbersEnd = 4_294_967_296.0

    public static func < (left: Money, right: Money) -> Bool {
        left.microUSDC < right.microUSDC
    }
}

extension Money: CustomStringConvertible {
    /// The shortest decimal text with at least two decimals: `12.50`, `0.000001`, `-3.00`.
    public var description: String {
        decimalText(minimumDecimals: 2)
    }

    /// The JSON number that the service expects in a request, in US dollars: `12.5`, `12`, `0.000001`.
    package var wireLiteral: String {
        decimalText(minimumDecimals: 0)
    }

    private func decimalText(minimumDecimals: Int) -> String {
        String(unsafeUninitializedCapacity: Self.longestText) { buffer in
            writeDecimal(to: UnsafeMutableRawBufferPointer(buffer), minimumDecimals: minimumDecimals)
        }
    }

    /// The longest text of any amount: sign, 13 digits, dot, 6 decimals, and room to spare.
    package static let longestText = 24

    /// Writes the decimal text into `buffer`, which holds at least `longestText` bytes, and returns its length.
    package func writeDecimal(to buffer: UnsafeMutableRawBufferPointer, minimumDecimals: Int) -> Int {
        let magnitude = microUSDC.magnitude
        let unit = UInt64(Self.microUSDCPerDollar)
        var length = 0
        if microUSDC < 0 {
            buffer[0] = UInt8(ascii: "-")
            length = 1
        }
        length += Self.writeDigits(magnitude / unit, to: buffer, at: length)
        var fraction = magnitude % unit
        guard fraction != 0 || minimumDecimals > 0 else { return length }
        var decimals = 6
        while decimals > minimumDecimals && fraction % 10 == 0 {
            fraction /= 10
            decimals -= 1
        }
        buffer[length] = UInt8(ascii: ".")
        var place = length + decimals
        while place > length {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction % 10)
            fraction /= 10
            place -= 1
        }
        return length + 1 + decimals
    }

    private static func writeDigits(_ value: UInt64, to buffer: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        var count = 1
        var rest = value / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        rest = value
        for place in stride(from: start + count - 1, through: start, by: -1) {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return count
    }
}
