// From one record of the table to the link that it orders, or to everything that is wrong with it;
// and where its terms stand: in the row itself, or in a mapping's table. Works on the record's bytes; only the key and the description become strings in a plain row.

package import CSV
import Console
import OneShotPay
package import Recorder

/// Reads rows by a plan of columns. The rules of a link's terms are those of scripts: ``LinkOrder/validate()``.
package struct RowReader: Sendable {
    package let columns: BatchColumns
    package let terms: BatchTerms
    /// Where the columns are, if not in the input.
    package let mapped: MappedTable?

    package init(columns: BatchColumns, terms: BatchTerms, mapped: MappedTable? = nil) {
        self.columns = columns
        self.terms = terms
        self.mapped = mapped
    }

    /// What a row comes to.
    enum Reading {
        case order(LinkOrder)
        /// The mapping leaves it out.
        case skipped
        case bad([RowProblem])
    }

    /// - Parameter line: the row's, in the input.
    func read(_ place: TermsPlace, line: Int) -> Reading {
        if mapped != nil {
            if let fault = place.records.problem(ofRecord: place.record) {
                return .bad([RowProblem(line: line, "what the mapping gave cannot be kept: \(fault.message)")])
            }
            switch place.records.field(place.record, 0).first.flatMap(MappedTable.Status.init) {
            case .make: break
            case .skip: return .skipped
            case .reject: return .bad(MappedTable.problems(place.records.string(place.record, 1), line: line))
            case .unreadable, nil: return .bad([RowProblem(line: line, "the mapping could not read the row")])
            }
        }
        var problems: [RowProblem] = []
        let order = order(place.records, place.record, line: line, &problems)
        return order.map { .order($0) } ?? .bad(problems)
    }

    /// The order of a good row.
    /// - Parameters:
    ///   - line: for messages.
    ///   - problems: gets what is wrong with a bad one, by column.
    package func order(
        _ records: CSVRecords, _ record: Int, line: Int, _ problems: inout [RowProblem]
    ) -> LinkOrder? {
        let before = problems.count
        func add(_ column: Int?, _ message: String) {
            problems.append(RowProblem(line: line, place: column.map(columns.place), message))
        }
        var key: String?
        let keyCell = records.field(record, columns.key)
        if InvisibleCharacter.areAll(keyCell) {
            add(columns.key, "the key is empty; every row needs one of its own")
        } else {
            key = String(decoding: keyCell, as: UTF8.self)
        }
        // A cell that is wrong already has a stand-in, so that what else is wrong is found, too.
        var amount = Self.anyAmount
        let amountCell = records.field(record, columns.amount)
        // Nobody may have said what the decimal sign is.
        let sign = columns.isMapped ? .point : terms.decimalSign
        if sign == nil, let readings = AmountReadings(amountCell) {
            add(columns.amount, readings.problem { $0 == .point ? "--decimal-point" : "--decimal-comma" })
        } else {
            do throws(MoneyError) { amount = try Money(parsing: amountCell, sign: sign ?? .point) } catch {
                add(columns.amount, error.message)
            }
        }
        var order = LinkOrder(
            CreatePayLink(amount: amount, description: columns.description.text(records, record)), key: key)
        for (term, column) in columns.others {
            let cell = records.field(record, column)
            guard !cell.isEmpty else { continue }
            let expiry = order.expiry
            do throws(OneShotPayError) {
                let value = try LinkTermValue(String(decoding: cell, as: UTF8.self), for: term)
                term.write(&order, value)
                if expiry != nil, order.expiry != expiry {
                    add(column, "expires_in and expires_at are both there; one of them must go")
                }
            } catch {
                add(column, error.message)
            }
        }
        if order.expiry == nil { order.expiry = terms.expiresIn.map { .after($0) } }
        do throws(OneShotPayError) { try order.validate() } catch {
            for error in findings(error, in: order) { add(error.field.flatMap(columns.column), error.message) }
        }
        return problems.count == before ? order : nil
    }

    private static let anyAmount = Money(microUSDC: 1)

    /// Everything that the common rules find wrong, one finding after the other.
    private func findings(_ first: OneShotPayError, in order: LinkOrder) -> [OneShotPayError] {
        var found = [first]
        var order = order
        while let field = found.last?.field {
            order = order.with(Self.anyAmount, without: field)
            do throws(OneShotPayError) {
                try order.validate()
                break
            } catch {
                // One that a stand-in does not mend is said once.
                guard error.field != field else { break }
                found.append(error)
            }
        }
        return found
    }
}

/// A place in the records of a chunk: where the terms of one row stand.
struct TermsPlace {
    let records: CSVRecords
    let record: Int
}

/// Leads from the rows of the input to their terms: in the rows themselves, or in step with them in a mapping's table.
final class TermsCursor {
    private let input: BatchInput
    private let table: CSVReader?
    private let records = CSVRecords()
    private var next = 0

    init(_ input: BatchInput, _ mapped: MappedTable?) {
        self.input = input
        table = mapped?.reader()
    }

    /// The place for the next row of the input; to be called once for every row, bad ones included.
    /// - Throws: ``BatchError`` when the table has no such row.
    func take(_ row: CSVRecords, _ record: Int) throws(BatchError) -> TermsPlace {
        guard let table else { return TermsPlace(records: row, record: record) }
        if next == records.count {
            next = 0
            let count: Int
            do { count = try table.next(into: records, limit: 512) } catch { throw input.failure(error) }
            guard count > 0 else {
                throw BatchError(
                    .inputFailed, "\(input.name): line \(row.lines[record]) is not what it was before: it has no terms")
            }
        }
        defer { next += 1 }
        return TermsPlace(records: records, record: next)
    }
}

extension LinkOrder {
    /// The order with a harmless stand-in for one of its terms.
    fileprivate func with(_ amount: Money, without field: String) -> LinkOrder {
        var rest = LinkOrder(CreatePayLink(amount: amount, description: "-"), key: field == "key" ? nil : key)
        for term in LinkOrder.terms where term.name.description != field {
            if let value = term.read(self) { term.write(&rest, value) }
        }
        return rest
    }
}
