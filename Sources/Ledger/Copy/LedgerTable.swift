// The tables of a ledger as every engine that keeps rows has them: what a copy consists of.

/// A value of a row.
enum CopyValue: Sendable, Hashable {
    case null
    case number(Int64)
    /// UTF-8.
    case text([UInt8])
}

/// One table, with the columns that all engines have.
struct LedgerTable: Sendable {
    struct Column: Sendable {
        let name: String
        /// A truth value, which some engines have a type for.
        var isFlag = false
    }

    let name: String
    let columns: [Column]
    /// So many of the first columns tell its rows apart, and are their order.
    let keyWidth: Int
    /// Whether its first column is a number that the engine gives.
    let isNumbered: Bool

    private init(_ name: String, keyWidth: Int = 1, _ columns: String) {
        self.name = name
        self.columns = columns.split(separator: " ").map {
            $0.hasSuffix("?") ? Column(name: String($0.dropLast()), isFlag: true) : Column(name: String($0))
        }
        self.keyWidth = keyWidth
        isNumbered = self.columns[0].name == "id"
    }

    var keys: [String] { columns.prefix(keyWidth).map(\.name) }

    /// In the order in which they refer to each other.
    static let all = [
        LedgerTable("scopes", "id account base_url"),
        LedgerTable("runs", "id command pid started_at ended_at exit_status"),
        LedgerTable(
            "links",
            """
            id scope_id key state run_id is_held? attempts possible_orphans amount_micro created_at updated_at link_id \
            status url locale close_on_complete? known_id problem description terms link is_open? payment_mark paid_at \
            expired_at underpaid_mark underpaid_at ended_at looked_at is_paid_late?
            """),
        LedgerTable(
            "payments", keyWidth: 3,
            "scope_id link_id payment_id received_micro made_at event seen_at reported_at payment"),
        LedgerTable(
            "effects",
            "id scope_id key mode state run_id token attempts created_at updated_at problem result"),
        LedgerTable("followers", keyWidth: 2, "scope_id name since"),
        LedgerTable("dismissals", "id link_row orphans dismissed_by dismissed_at run_id"),
        LedgerTable(
            "job_runs",
            """
            id job outcome run_id slot slot_text missed started_at ended_at exit_status reason last_link last_effect links \
            effects log_tail
            """),
    ]
}

/// An engine whose rows can be read and written as they are.
protocol LedgerTables: AnyObject {
    var place: String { get }
    /// A run that lives, as its process and where that is.
    func livingRun() throws(LedgerError) -> String?
    /// Rows behind a key, in the order of keys.
    func rows(of table: LedgerTable, after key: [CopyValue]?, limit: Int) throws(LedgerError) -> [[CopyValue]]
    /// Adds rows, all or none.
    func insert(_ rows: [[CopyValue]], into table: LedgerTable) throws(LedgerError)
    /// What comes next gets numbers behind those that were copied, and watches go through all of it once.
    func endCopy() throws(LedgerError)
    func close()
}
