// The rows that are to be made, one after the other, as the pass over the file has kept them.

package import Recorder

/// Hands out the rows that are to be made or looked up. Belongs to whoever makes them.
package final class RowFeed {
    package struct Row {
        /// From 0, in the order of the file.
        package var index: Int
        package var line: Int
        package var order: LinkOrder
        /// The order's terms in their canonical form.
        package var terms: String
    }

    private let input: BatchInput
    private let orders: RowSpool.Reader
    private var count = 0

    package init(_ orders: RowSpool, of input: BatchInput) {
        self.input = input
        self.orders = orders.reader()
    }

    /// The next row; `nil` behind the last.
    /// - Throws: ``BatchError`` when the file is no longer what it was: nothing is made for rows that are gone.
    package func next() throws(BatchError) -> Row? {
        if count % 64 == 0 { try input.checkUnchanged() }
        count += 1
        guard let entry = try orders.next() else { return nil }
        guard let order = LinkOrder(terms: entry.text, key: entry.key) else {
            throw BatchError(.inputFailed, "\(input.name): line \(entry.line) was not kept as it was read")
        }
        return Row(index: entry.row, line: entry.line, order: order, terms: entry.text)
    }
}
