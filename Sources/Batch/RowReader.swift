// From one record of the table to the link that it orders, or to everything that is wrong with it.
// Works on the record's bytes; only the key and the description become strings in a plain row.

package import CSV
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
        var cells = RowCells(records: records, record: record, line: line, columns: columns)
        let key = cells.key(columns.key)
        let amount = cells.amount(columns.amount, sign: columns.isMapped ? .point : terms.decimalSign)
        // A cell that is wrong already has a stand-in, so that what else is wrong is found, too.
        var request = CreatePayLink(
            amount: amount ?? Self.anyAmount, description: columns.description.text(records, record))
        request.mediaURL = cells.text(columns.mediaURL)
        request.payer = cells.payer(columns.payer)
        request.reusable = cells.flag(columns.reusable) ?? false
        request.closeOnComplete = cells.flag(columns.closeOnComplete) ?? false
        request.locale = cells.locale(columns.locale)
        let expiry = cells.expiry(in: columns.expiresIn, at: columns.expiresAt) ?? terms.expiresIn.map { .after($0) }
        let order = LinkOrder(request, key: key, expiry: expiry)
        do throws(OneShotPayError) { try order.validate() } catch { addAll(error, of: order, to: &cells) }
        problems += cells.problems
        return cells.problems.isEmpty ? order : nil
    }

    private static let anyAmount = Money(microUSDC: 1)

    /// Adds what the common rules find wrong, one finding after the other.
    private func addAll(_ first: OneShotPayError, of order: LinkOrder, to cells: inout RowCells) {
        var order = order
        var next: OneShotPayError? = first
        while let error = next {
            cells.add(error, terms)
            switch error.field {
            case "key": order.key = nil
            case "amount": order.request.amount = Self.anyAmount
            case "description": order.request.description = "-"
            case "media_url": order.request.mediaURL = nil
            case "expires_in", "expires_at": order.expiry = nil
            default: return
            }
            next = nil
            do throws(OneShotPayError) { try order.validate() } catch { next = error }
        }
    }
}

/// The cells of one record; remembers what is wrong with them.
private struct RowCells {
    let records: CSVRecords
    let record: Int
    let line: Int
    let columns: BatchColumns
    var problems: [RowProblem] = []

    mutating func add(_ column: Int, _ message: String) {
        problems.append(RowProblem(line: line, place: columns.place(column), message))
    }

    /// A finding of the common rules, at the column that it is about.
    mutating func add(_ error: OneShotPayError, _ terms: BatchTerms) {
        let column: Int? =
            switch error.field {
            case "key": columns.key
            case "amount": columns.amount
            case "media_url": columns.mediaURL
            case "expires_in": columns.expiresIn
            case "expires_at": columns.expiresAt
            case "description" where terms.description == nil: columns.header.firstIndex(of: "description")
            default: nil
            }
        if let column { add(column, error.message) } else { problems.append(RowProblem(line: line, error.message)) }
    }

    private func field(_ column: Int?) -> UnsafeRawBufferPointer? {
        guard let column else { return nil }
        let bytes = records.field(record, column)
        return bytes.isEmpty ? nil : bytes
    }

    func text(_ column: Int?) -> String? { field(column).map { String(decoding: $0, as: UTF8.self) } }

    mutating func key(_ column: Int) -> String? {
        let bytes = records.field(record, column)
        guard !InvisibleCharacter.areAll(bytes) else {
            add(column, "the key is empty; every row needs one of its own")
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter sign: what was said to be the decimal sign; without it a text with two readings has none.
    mutating func amount(_ column: Int, sign: DecimalSign?) -> Money? {
        let bytes = records.field(record, column)
        do throws(MoneyError) {
            if sign == nil, let readings = AmountReadings(bytes) {
                add(column, readings.problem { $0 == .point ? "--decimal-point" : "--decimal-comma" })
                return nil
            }
            return try Money(parsing: bytes, sign: sign ?? .point)
        } catch {
            add(column, error.message)
            return nil
        }
    }

    mutating func payer(_ column: Int?) -> UserID? {
        guard let column, let bytes = field(column) else { return nil }
        if let id = UserID(utf8: bytes) { return id }
        add(column, "\(BatchText.quoted(bytes)) is no user id: it is a UUID")
        return nil
    }

    mutating func locale(_ column: Int?) -> CheckoutLocale? {
        guard let column, let text = text(column) else { return nil }
        if let locale = CheckoutLocale(rawValue: text) { return locale }
        add(column, "\(BatchText.quoted(text)) is no language of the checkout page: use en, es or tr")
        return nil
    }

    mutating func flag(_ column: Int?) -> Bool? {
        guard let column, let text = text(column) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default:
            add(column, "\(BatchText.quoted(text)) is neither true nor false")
            return nil
        }
    }

    mutating func expiry(in after: Int?, at moment: Int?) -> LinkOrder.Expiry? {
        let delay = text(after), time = text(moment)
        switch (after, delay, moment, time) {
        case (_, _?, let moment?, _?):
            add(moment, "expires_in and expires_at are both there; one of them must go")
            return nil
        case (let after?, let delay?, _, _):
            if let duration = DurationText.parse(delay) { return .after(duration) }
            add(after, "\(BatchText.quoted(delay)) is no duration: \(DurationText.advice)")
            return nil
        case (_, _, let moment?, let time?):
            if let seconds = Timestamp.parse(time) { return .at(seconds) }
            add(moment, "\(BatchText.quoted(time)) is no moment: \(Timestamp.advice)")
            return nil
        default:
            return nil
        }
    }
}
