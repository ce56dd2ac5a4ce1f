// Amounts as JSON.

package import JSON

extension JSONWriter {
    /// An amount in US dollars, from integers.
    package func money(_ value: Money) {
        number(upTo: Money.longestText) { value.writeDecimal(to: $0, minimumDecimals: 0) }
    }
}
