// Which columns mean what. Decided once, from the header; every mistake is said at once.

import CSV
import Console
import OneShotPay
import Recorder

/// The places of the columns that a batch looks at: in the input, or in the table that a mapping has made of it.
///
/// Which columns there can be follows from the table of terms (`LinkOrder.terms`).
package struct BatchColumns: Sendable {
    /// Names under which the key is looked for.
    package static let keyNames = ["key", "order_id", "id", "reference"]
    /// Columns that results and rejected rows get.
    package static let resultNames = ["paylink_id", "paylink_url", "paylink_amount"]
    package static let rejectedNames = ["paylink_line", "paylink_problem"]

    package let header: [String]
    /// The columns are the options that a mapping gave.
    package let isMapped: Bool
    package let key: Int
    package let amount: Int
    package let description: DescriptionTemplate
    /// Every other term that has a column of its name, in the order of the terms.
    let others: [(term: LinkTerm<LinkOrder>, column: Int)]

    /// - Throws: ``BatchError`` with code `usage`, or `badInput` for a file that is a batch's output.
    package init(header: [String], terms: BatchTerms) throws(BatchError) {
        try Self.check(header)
        let key = try Self.findKey(terms.keyColumn, in: header)
        guard let amount = Self.find(terms.amountColumn, in: header) else {
            throw BatchError(
                .usage,
                "there is no column \(ShownText.quoted(terms.amountColumn)) to take amounts from; name one with "
                    + "--amount: the columns are " + ShownText.list(header))
        }
        let description: DescriptionTemplate
        if let template = terms.description {
            description = try DescriptionTemplate(parsing: template, header: header)
        } else if let column = header.firstIndex(of: "description") {
            description = DescriptionTemplate(column: column)
        } else {
            throw BatchError(
                .usage,
                "there is no column \"description\"; say what the payer reads with --description \"Order {\(header[key])}\""
            )
        }
        self.init(header, isMapped: false, key: key, amount: amount, description: description)
    }

    /// The columns of a mapping's table.
    package static let mapped: BatchColumns = {
        let header = MappedTable.header
        func place(_ name: String) -> Int { header.firstIndex(of: name) ?? 0 }
        return BatchColumns(
            header, isMapped: true, key: place("key"), amount: place("amount"),
            description: DescriptionTemplate(column: place("description")))
    }()

    private init(_ header: [String], isMapped: Bool, key: Int, amount: Int, description: DescriptionTemplate) {
        self.header = header
        self.isMapped = isMapped
        self.key = key
        self.amount = amount
        self.description = description
        others = LinkOrder.terms.compactMap { term in
            let name = term.name.description
            guard name != "amount", name != "description" else { return nil }
            return header.firstIndex(of: name).map { (term, $0) }
        }
    }

    /// Where a term stands, by its name; `nil` where it has no column of its own.
    package func column(of term: String) -> Int? {
        switch term {
        case "key": key
        case "amount": amount
        case "description": description.column
        default: others.first { $0.term.name.description == term }?.column
        }
    }

    /// What messages call a column: `column "amount"`, or `option "amount"` of a mapping.
    package func place(_ column: Int) -> String {
        "\(isMapped ? "option" : "column") \"\(ShownText.short(header[column]))\""
    }

    /// The header of a file that may be one of rejected rows: when these are mended, it is as good an input as another.
    package static func withoutRejectedNames(_ header: [String]) -> [String] {
        header.count > rejectedNames.count && header.suffix(rejectedNames.count).elementsEqual(rejectedNames)
            ? header.dropLast(rejectedNames.count) : header
    }

    /// Checks what every input must keep to.
    /// - Throws: ``BatchError`` with code `badInput` for a file that is a batch's output.
    package static func check(_ header: [String]) throws(BatchError) {
        if let own = header.first(where: { $0.hasPrefix("paylink_") }) {
            throw BatchError(
                .badInput,
                "the file has a column \(ShownText.quoted(own)): it looks like results of a batch; give the original "
                    + "file, or rename the column")
        }
    }

    /// The column of that name, also if the name is as a guarded file shows it: with the apostrophe before `@id`.
    static func find(_ name: String, in header: [String]) -> Int? {
        header.firstIndex(of: name) ?? header.firstIndex(of: CSVTableWriter.withoutGuard(name))
    }

    private static func findKey(_ name: String?, in header: [String]) throws(BatchError) -> Int {
        let columns = "the columns are " + ShownText.list(header)
        if let name {
            guard let index = find(name, in: header) else {
                throw BatchError(.usage, "there is no column \(ShownText.quoted(name)) to take keys from; \(columns)")
            }
            return index
        }
        let found = keyNames.filter { header.contains($0) }
        guard let only = found.first, let index = header.firstIndex(of: only) else {
            throw BatchError(
                .usage,
                "no column is called key, order_id, id or reference; name the one that tells each order from all others "
                    + "with --key: \(columns)")
        }
        guard found.count == 1 else {
            throw BatchError(
                .usage, "the key could be any of \(ShownText.list(found)); name one with --key: \(columns)")
        }
        return index
    }
}
