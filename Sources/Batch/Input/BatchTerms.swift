// What the command line says about the terms of the links, before the file's header is known.

package import OneShotPay

/// How a row becomes a link.
package struct BatchTerms: Sendable, Hashable {
    /// `nil`: one of ``BatchColumns/keyNames``, whichever is there.
    package var keyColumn: String?
    package var amountColumn = "amount"
    /// `nil`: the column `description`.
    package var description: String?
    /// For rows that say nothing of it themselves.
    package var expiresIn: Duration?
    /// What separates the decimals of amounts; `nil`: nobody said, so a point does, where it cannot mean thousands.
    package var decimalSign: DecimalSign?

    package init() {}
}
