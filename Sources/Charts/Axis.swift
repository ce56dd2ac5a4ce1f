// The axis of amounts: it begins at zero and has a few steps of a round size. Integers, so that labels are exact.

/// Steps from zero to above the largest value.
package struct Axis: Sendable, Hashable {
    /// The distance of two steps.
    package let step: Int64
    package let count: Int

    package var top: Int64 { step.multipliedReportingOverflow(by: Int64(count)).partialValue }
    package var steps: [Int64] { (0...count).map { step * Int64($0) } }

    /// - Parameters:
    ///   - largest: the largest value to be shown, at least 0.
    ///   - unit: the smallest step, such as a cent.
    package init(upTo largest: Int64, unit: Int64 = 1) {
        // Far below where a sum of steps would not fit.
        let largest = min(max(largest, 1), Int64.max / 16)
        var step = max(unit, 1)
        let factors: [Int64] = [2, 5, 10]
        search: while largest > step * 5 {
            for factor in factors where largest <= step * factor * 5 {
                step *= factor
                break search
            }
            if largest > step * 50 { step *= 10 }
        }
        self.step = step
        count = max(1, Int((largest + step - 1) / step))
    }

    /// Where a value lies between 0 and 1.
    package func share(_ value: Int64) -> Double { Double(value) / Double(top) }
}
