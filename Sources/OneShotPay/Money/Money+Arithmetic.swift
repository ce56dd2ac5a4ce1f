// Sums of money that say when they do not fit, instead of trapping or wrapping.

extension Money {
    /// The sum of two amounts.
    /// - Throws: ``MoneyError`` with code `overflow` when it does not fit.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        let (sum, overflow) = microUSDC.addingReportingOverflow(other.microUSDC)
        guard !overflow else { throw Self.doesNotFit("\(self) + \(other)") }
        return Money(microUSDC: sum)
    }

    /// The difference of two amounts; may be negative.
    /// - Throws: ``MoneyError`` with code `overflow` when it does not fit.
    public func subtracting(_ other: Money) throws(MoneyError) -> Money {
        let (difference, overflow) = microUSDC.subtractingReportingOverflow(other.microUSDC)
        guard !overflow else { throw Self.doesNotFit("\(self) - \(other)") }
        return Money(microUSDC: difference)
    }

    /// The amount taken `factor` times.
    /// - Throws: ``MoneyError`` with code `overflow` when it does not fit.
    public func multiplied(by factor: Int64) throws(MoneyError) -> Money {
        let (product, overflow) = microUSDC.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw Self.doesNotFit("\(self) * \(factor)") }
        return Money(microUSDC: product)
    }

    /// By how much it is above a smaller amount; the most that can be held where the difference is beyond that, as only amounts
    /// below zero, which the service has no use for, can make it.
    package func above(_ other: Money) -> Money {
        let (difference, overflow) = microUSDC.subtractingReportingOverflow(other.microUSDC)
        return overflow ? Money(microUSDC: .max) : Money(microUSDC: difference)
    }

    private static func doesNotFit(_ sum: String) -> MoneyError {
        MoneyError(.overflow, "\(sum) is beyond what can be held (9223372036854.775807 USD)")
    }
}
