// The beginning of a batch: the table is opened and its header read, and every name in it has its meaning.
// The rows come later, in BatchRun.

package import CSV
import Console
package import OneShotPay

/// What a batch is to do, as it was asked for.
package struct BatchOptions: Sendable {
    package var terms = BatchTerms()
    package var table = CSVOptions()
    package var making = BatchMaker.Settings()
    /// Where results and rejected rows go; `nil`: beside the input. Results may go to `-`.
    package var results: String?
    package var rejected: String?
    package var maximumLinks: Int?
    package var maximumTotal: Money?
    package var skipsInvalid = false
    /// Nothing is sent or written.
    package var isDryRun = false
    package var replacesForeign = false
    package var keepsFormulas = false
    package var addsMark = false
    /// The links end with the process, and their files do not take the place of real ones.
    package var isTrial = false
    /// Where temporary files may lie, beside the folder of the results.
    package var temporaryFolders = ["/tmp"]

    package init() {}
}

/// A table whose header has been read.
package struct BatchTable: Sendable {
    package let input: BatchInput
    /// The input's columns, without what an earlier run put behind rejected rows.
    package let header: [String]
    package let columns: BatchColumns
    package let style: TableStyle
    package let files: BatchFiles
    let temporaryFolders: [String]

    /// - Parameter isMapped: a mapping says what the rows become.
    /// - Throws: ``BatchError``: `input_failed`, `bad_input`; `usage` for options that do not fit the header.
    package init(path: String, options: BatchOptions, isMapped: Bool = false) throws(BatchError) {
        input = try BatchInput(path: path, options: options.table)
        let reader = input.reader()
        do { try reader.readHeader() } catch { throw input.failure(error) }
        header = BatchColumns.withoutRejectedNames(reader.header)
        do throws(BatchError) {
            try BatchColumns.check(header)
            columns = isMapped ? .mapped : try BatchColumns(header: header, terms: options.terms)
        } catch {
            throw BatchError(error.code, "\(input.name): \(error.message)")
        }
        style = TableStyle(
            of: reader, sign: options.terms.decimalSign, keepsFormulas: options.keepsFormulas,
            addsMark: options.addsMark)
        files = BatchFiles(
            input: path, results: options.results, rejected: options.rejected, isTrial: options.isTrial)
        // Beside the results there is room for a file of that size.
        temporaryFolders = [files.folderOfResults].compactMap { $0 } + options.temporaryFolders
    }
}
