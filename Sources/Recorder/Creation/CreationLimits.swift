// How many links a run may make, and for how much money; or that it may make none and only plans.

import Advice
package import OneShotPay

/// The caps of one run. Links that are recorded already cost nothing.
package struct CreationLimits: Sendable {
    package var maximumLinks: Int?
    package var maximumTotal: Money?
    /// Nothing is sent; what would be made is counted.
    package var isDryRun = false

    package init(maximumLinks: Int? = nil, maximumTotal: Money? = nil, isDryRun: Bool = false) {
        self.maximumLinks = maximumLinks
        self.maximumTotal = maximumTotal
        self.isDryRun = isDryRun
    }

    /// Links made, or planned, so far.
    package private(set) var links = 0
    package private(set) var total = Money.zero

    var isCapped: Bool { maximumLinks != nil || maximumTotal != nil }

    /// Takes one link of `amount`, if the caps allow it.
    mutating func take(_ amount: Money, _ words: AdviceWords) throws(LinkFailure) {
        if let maximumLinks, links >= maximumLinks {
            throw LinkFailure(
                .limitReached,
                maximumLinks == 0
                    ? "this run may make no links: \(words(.linkLimit)) allows some"
                    : "this run may make \(maximumLinks) link(s), and has: \(words(.linkLimit)) allows more")
        }
        let sum: Money
        do throws(MoneyError) { sum = try total.adding(amount) } catch {
            throw LinkFailure(.limitReached, error.message)
        }
        if let maximumTotal, sum > maximumTotal {
            throw LinkFailure(
                .limitReached,
                "this run may ask for \(maximumTotal) USD in all; with this link it would be \(sum): "
                    + "\(words(.sumLimit)) allows more")
        }
        links += 1
        total = sum
    }

    /// Gives back what was taken for a link that was not made after all.
    mutating func giveBack(_ amount: Money) {
        links -= 1
        total = (try? total.subtracting(amount)) ?? total
    }
}
