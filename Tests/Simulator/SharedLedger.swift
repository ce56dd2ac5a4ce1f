// The one ledger of a world: in memory, or for a share of the seeds in a SQLite file.

import Foundation
import Ledger
import OneShotPay

final class SharedLedger {
    private let book: MemoryBook?
    private let folder: String?
    private let clock: () -> Int64
    /// Reads what is committed.
    let reader: any LedgerStore

    init(_ plan: Plan, clock: @escaping () -> Int64) throws {
        self.clock = clock
        if plan.usesSQLite {
            let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
            let folder = "\(base)/paylink-simulate.\(getpid()).\(plan.seed)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            self.folder = folder
            book = nil
            reader = try SQLiteLedger(
                path: folder + "/ledger.db", scope: World.scope, run: RunDescription(command: "simulate"))
        } else {
            folder = nil
            let book = MemoryBook()
            self.book = book
            reader = MemoryLedger(scope: World.scope, book: book)
        }
    }

    /// A store for one run of a process.
    /// - Parameter clock: the process's own, in Unix seconds.
    func open(command: String, clock: @escaping @Sendable () -> Int64) throws(LedgerError) -> any LedgerStore {
        if let book { return MemoryLedger(scope: World.scope, book: book, now: clock) }
        var options = SQLiteLedger.Options()
        options.now = clock
        return try SQLiteLedger(
            path: (folder ?? "") + "/ledger.db", scope: World.scope, run: RunDescription(command: command),
            options: options)
    }

    func remove() {
        guard let folder else { return }
        reader.close()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
