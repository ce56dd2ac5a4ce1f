// What the command line says about the terms of the links, before the file's header is known.

/// How a row becomes a link.
package struct BatchTerms: Sendable, Hashable {
    /// `nil`: one of ``BatchColumns/keyNames``, whichever is there.
    package var keyColumn: String?
    package var amountColumn = "amount"
    /// `nil`: the column `description`.
    package var description: String?
    /// For rows that say nothing of it themselves.
    package var expiresIn: Duration?
    /// Amounts are written "12,50".
    package var hasDecimalComma = false

    package init() {}
}
