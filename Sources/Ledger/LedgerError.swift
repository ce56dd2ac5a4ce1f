// Why the ledger cannot be used: a stable code, a message that names the file and says what to do.

/// A failure of the ledger. Whatever was to be done was not done.
package struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The raw value is stable and is what scripts compare.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Another process held the ledger for too long.
        case busy = "ledger_busy"
        /// The disk, or the space that the ledger may take, is full.
        case full = "ledger_full"
        case readOnly = "ledger_read_only"
        /// The file is damaged, or no ledger at all.
        case corrupt = "ledger_corrupt"
        /// A newer paylink made it.
        case newer = "ledger_newer"
        /// Its files were moved, deleted or replaced while it was open.
        case replaced = "ledger_replaced"
        /// Its server cannot be used as it is given: address, role, password, rights, database, certificate, schema.
        case misconfigured = "ledger_misconfigured"
        /// It cannot be opened or written, or its server be reached.
        case failed = "ledger_failed"
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
