// What stands before the decimals of an amount in a table: a point or a comma, never a guess.

/// The sign that separates the decimals of an amount.
package enum DecimalSign: String, Sendable, Hashable {
    case point = "."
    case comma = ","

    var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }
    /// What messages call it.
    var name: String { self == .point ? "dot" : "comma" }
    var other: DecimalSign { self == .point ? .comma : .point }

    /// An amount in decimal text, such as 12.50, with this sign.
    package func write(_ amount: String) -> String {
        self == .point ? amount : String(amount.map { $0 == "." ? "," : $0 })
    }
}
