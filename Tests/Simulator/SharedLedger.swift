// The one ledger of a world: in memory, or for a share of the seeds in a SQLite file.

import Chance
import Foundation
import Ledger
import OneShotPay

final class SharedLedger {
    private let book: MemoryBook?
    private let folder: String?
    private let tokens: Tokens
    /// Reads what is committed.
    let reader: any LedgerStore

    init(_ plan: Plan) throws {
        tokens = Tokens(plan.seed)
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
        let token: @Sendable () -> String = { [tokens] in tokens.next() }
        if let book { return MemoryLedger(scope: World.scope, book: book, now: clock, token: token) }
        var options = SQLiteLedger.Options()
        options.now = clock
        options.token = token
        return try SQLiteLedger(
            path: (folder ?? "") + "/ledger.db", scope: World.scope, run: RunDescription(command: command),
            options: options)
    }

    /// Tokens of effects, the same in each run of a seed.
    private final class Tokens: @unchecked Sendable {
        // Safe because: a simulation runs on one thread.
        private var random: SplitMix

        init(_ seed: UInt64) { random = SplitMix(seed: seed, target: "token", index: 0) }

        func next() -> String { EffectToken.random(using: &random) }
    }

    func remove() {
        guard let folder else { return }
        reader.close()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
