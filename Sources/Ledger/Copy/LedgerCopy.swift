// A ledger's way from one engine to another: row by row, checked before, and compared afterwards. What is there already is
// left as it is, so a copy that broke off goes on when it is asked for again.

package import Advice

/// Copies a ledger.
package struct LedgerCopy {
    /// What was copied.
    package struct Outcome: Sendable, Hashable {
        /// Rows of each table, in all.
        package var rows: [String: Int] = [:]
        /// Rows that were not there before.
        package var added = 0
        /// The same for two ledgers with the same rows.
        package var digest: UInt64 = 0xcbf2_9ce4_8422_2325

        package var digestText: String {
            let text = String(digest, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
    }

    private static let pageSize = 500

    private let source: any LedgerTables
    private let target: any LedgerTables
    private let progress: (_ table: String, _ rows: Int) -> Void

    /// - Throws: ``LedgerError``: nothing was written unless the target is the same ledger, or a part of it.
    package static func run(
        from source: LedgerPlace, to target: LedgerPlace, words: AdviceWords,
        progress: (_ table: String, _ rows: Int) -> Void = { _, _ in }
    ) throws(LedgerError) -> Outcome {
        guard source != target else { throw LedgerError(.failed, "a ledger is copied from one place to another one") }
        let from = try source.openTables(creates: false, words: words)
        defer { from.close() }
        let to = try target.openTables(creates: true, words: words)
        defer { to.close() }
        return try withoutActuallyEscaping(progress) { progress throws(LedgerError) in
            try LedgerCopy(source: from, target: to, progress: progress).run()
        }
    }

    private func run() throws(LedgerError) -> Outcome {
        try refuseLiving()
        // Whether this role may do it is found out before there is anything.
        try target.endCopy()
        // Before anything is written: is the target a part of the source?
        for table in LedgerTable.all { _ = try compare(table) { _ throws(LedgerError) in } }
        var added = 0
        for table in LedgerTable.all {
            _ = try compare(table) { rows throws(LedgerError) in
                try target.insert(rows, into: table)
                added += rows.count
                progress(table.name, added)
            }
        }
        try target.endCopy()
        var outcome = Outcome()
        outcome.added = added
        for table in LedgerTable.all {
            var digest = outcome.digest
            let (count, missing) = try compare(table, digest: &digest) { _ throws(LedgerError) in }
            guard missing == 0 else { throw changed(table) }
            outcome.digest = digest
            outcome.rows[table.name] = count
        }
        try refuseLiving()
        return outcome
    }

    private func refuseLiving() throws(LedgerError) {
        for side in [source, target] {
            guard let run = try side.livingRun() else { continue }
            throw LedgerError(
                .busy,
                "the ledger \(side.place) is in use by \(run): end it first, as what it records meanwhile would be lost"
            )
        }
    }

    private func compare(
        _ table: LedgerTable, _ missing: ([[CopyValue]]) throws(LedgerError) -> Void
    ) throws(LedgerError) -> (count: Int, missing: Int) {
        var digest: UInt64 = 0
        return try compare(table, digest: &digest, missing)
    }

    /// Goes through a table on both sides.
    /// - Parameter missing: given the rows that the target does not have, page by page.
    /// - Returns: how many rows the source has, and how many of them the target lacks.
    private func compare(
        _ table: LedgerTable, digest: inout UInt64, _ missing: ([[CopyValue]]) throws(LedgerError) -> Void
    ) throws(LedgerError) -> (count: Int, missing: Int) {
        var count = 0, lacking = 0
        var there = Pages(target, table)
        var ours = Pages(source, table)
        var page: [[CopyValue]] = []
        while let row = try ours.next() {
            count += 1
            Self.add(row, to: &digest)
            if let other = try there.peek(), other.prefix(table.keyWidth) == row.prefix(table.keyWidth) {
                guard other == row else { throw differs(table, row) }
                _ = try there.next()
                continue
            }
            // What the target has besides would stay in the way until the end.
            lacking += 1
            page.append(row)
            if page.count == Self.pageSize {
                try missing(page)
                page = []
            }
        }
        if !page.isEmpty { try missing(page) }
        if let row = try there.peek() { throw differs(table, row) }
        return (count, lacking)
    }

    private func differs(_ table: LedgerTable, _ row: [CopyValue]) -> LedgerError {
        let key = row.prefix(table.keyWidth).map(\.shown).joined(separator: ", ")
        return LedgerError(
            .failed,
            "the ledger \(target.place) has other rows than \(source.place) (\(table.name), \(key)): it is no copy of it, or "
                + "one from before it changed; copy into an empty ledger")
    }

    private func changed(_ table: LedgerTable) -> LedgerError {
        LedgerError(
            .busy,
            "the ledger \(source.place) changed while it was copied (\(table.name)): end what uses it, then copy again")
    }

    /// FNV-1a over the values, each with its kind and its end.
    private static func add(_ row: [CopyValue], to digest: inout UInt64) {
        func add(_ bytes: some Sequence<UInt8>) {
            for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        for value in row {
            switch value {
            case .null: add([0])
            case .number(let number): add([1] + "\(number)".utf8 + [0])
            case .text(let text): add([2] + text + [0])
            }
        }
        add([255])
    }

    /// The rows of a table, one after the other.
    private struct Pages {
        private let side: any LedgerTables
        private let table: LedgerTable
        private var page: ArraySlice<[CopyValue]> = []
        private var last: [CopyValue]?
        private var isOver = false

        init(_ side: any LedgerTables, _ table: LedgerTable) {
            self.side = side
            self.table = table
        }

        mutating func peek() throws(LedgerError) -> [CopyValue]? {
            if page.isEmpty, !isOver {
                page = try side.rows(of: table, after: last, limit: LedgerCopy.pageSize)[...]
                last = page.last.map { Array($0.prefix(table.keyWidth)) } ?? last
                isOver = page.count < LedgerCopy.pageSize
            }
            return page.first
        }

        mutating func next() throws(LedgerError) -> [CopyValue]? {
            guard let row = try peek() else { return nil }
            page = page.dropFirst()
            return row
        }
    }
}

extension CopyValue {
    fileprivate var shown: String {
        switch self {
        case .null: "none"
        case .number(let number): String(number)
        case .text(let text): String(decoding: text, as: UTF8.self)
        }
    }
}

extension LedgerPlace {
    fileprivate func openTables(creates: Bool, words: AdviceWords) throws(LedgerError) -> any LedgerTables {
        let run = RunDescription(command: "ledger copy")
        switch self {
        case .memory: throw LedgerError(.failed, "a ledger in memory is gone with its process: it cannot be copied")
        case .file(let path):
            var options = SQLiteLedger.Options(words: words)
            options.createsFile = creates
            return SQLiteTables(try SQLiteLedger(path: path, scope: nil, run: run, options: options))
        case .server(let server):
            return PostgresTables(
                try PostgresLedger(server, scope: nil, run: run, options: PostgresLedger.Options(words: words)))
        }
    }
}
