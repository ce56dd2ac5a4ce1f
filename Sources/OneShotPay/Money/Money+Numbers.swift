// Amounts that come as floating-point numbers: which are taken, and the true reason where one is not.

extension Money {
    /// The amount that a floating-point number stands for, by ``init(exactly:)``.
    /// - Throws: ``MoneyError``: what is wrong with this number, and how to write the amount.
    package init(number: Double) throws(MoneyError) {
        if let money = Money(exactly: number) {
            self = money
            return
        }
        guard number.isFinite else {
            throw MoneyError(
                .notANumber,
                number.isNaN
                    ? "not-a-number is not an amount; a computation before it has failed"
                    : "an infinite number is not an amount; a computation before it has failed")
        }
        // -2^63 micro-USDC is an amount, too; no double lies between it and the largest one.
        guard number.magnitude < 9_223_372_036_854.775 else {
            throw MoneyError(
                .tooLarge, "the number \(number) is too large; the most that can be held is 9223372036854.775807 USD")
        }
        guard number.magnitude < Self.exactNumbersEnd else {
            throw MoneyError(
                .tooLarge,
                "the number \(number) is a float of 4294967296 or more, where floats no longer tell all amounts of "
                    + "6 decimals apart; write the amount as a string, such as \"5000000000.00\", or as an integer")
        }
        throw MoneyError(
            .tooManyDecimals,
            "the number \(number) is not exact to 6 decimals; write the amount as a string, such as \"12.50\"")
    }
}
