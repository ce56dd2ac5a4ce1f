// What a batch would do: the outcome of its one pass over the rows. How it is made is in BatchCheck.swift.

package import OneShotPay
package import Recorder

/// What a batch would do, and everything that is wrong with its rows.
package struct BatchPlan {
    package var rows = 0
    /// Rows whose link is recorded already, with the same terms.
    package var recorded = 0
    package var toMake = 0
    /// Rows in doubt whose link is known by the id that an earlier request left behind: it is looked up.
    package var toLookUp = 0
    /// What the links to make ask for together.
    package var total = Money.zero
    /// Of the recorded ones: those whose link was unpaid when it was seen last, and can no longer be paid.
    package var expired = 0
    /// Of the recorded ones: those whose link was paid short when it was seen last.
    package var underpaid = 0
    /// Up to five of the links to make.
    package var sample: [LinkOrder] = []
    package var rejected = 0
    /// Rows that the mapping leaves out.
    package var skipped = 0
    /// Rows whose key a person gave up: without a link, but nothing is wrong with them.
    package var abandoned = 0
    /// Rows that wait for a person to look into the account: an earlier request may have made a link, and sending it
    /// again might show a named payer two.
    package var inDoubt = 0
    /// Rows whose request an earlier run was ended in the middle of: each is sent again, and may have left a link that
    /// nobody knows of.
    package var interrupted = 0
    /// The first rows in doubt, with what to do about them.
    package var doubts: [RowProblem] = []
    /// The first problems, in the order of the file; `problemCount` counts all.
    package var problems: [RowProblem] = []
    package var problemCount = 0
    package var marks = RowMarks()
    /// The orders of the rows to make or to look up; none in a dry run.
    package var orders: RowSpool
    /// What is wrong with each rejected row, and why the abandoned ones have no link.
    package var reasons: RowSpool

    /// - Parameter folders: where rows that are too many for the memory may lie.
    init(folders: [String]) {
        orders = RowSpool(folders: folders)
        reasons = RowSpool(folders: folders)
    }

    /// Rows that go through the making.
    package var toDo: Int { toMake + toLookUp }

    /// - Throws: ``BatchError`` with code `limit_reached` when it is more than was allowed.
    package func check(maximumLinks: Int?, maximumTotal: Money?) throws(BatchError) {
        if let maximumLinks, toMake > maximumLinks {
            throw BatchError(
                .limitReached,
                "\(toMake) links would be made, and --max-links allows \(maximumLinks); nothing was sent")
        }
        if let maximumTotal, total > maximumTotal {
            throw BatchError(
                .limitReached,
                "the links to make ask for \(total) USD in all, and --max-total allows \(maximumTotal); nothing was sent"
            )
        }
    }
}
