// A whole batch as a library runs it: against a sandbox in this process, with a ledger in memory and no executable.

import Batch
import Foundation
import Ledger
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Sandbox
import Synchronization
import TestSupport
import Testing

@Suite struct BatchRunTests {
    /// What several runs share: the service, the ledger, and the folder with `in.csv`.
    private final class World: Sendable {
        let server: SandboxServer
        let book = MemoryBook()
        let folder: TemporaryFolder

        init(rows: Int) async throws {
            server = try await SandboxServer.start()
            folder = try TemporaryFolder()
            let text = (0..<rows).map { "k\($0),1.50,Mug \($0)\n" }.joined()
            try folder.write("in.csv", "id,amount,description\n" + text)
        }

        func links() throws -> BatchLinks {
            let (address, book) = (server.baseURL, book)
            let account = SandboxOptions.defaultUserID
            return try BatchLinks(on: MultiThreadedEventLoopGroup.singleton.next()) { loop in
                var configuration = OneShotPayConfiguration()
                configuration.baseURL = address
                BatchMaker.Settings(concurrency: 2).apply(to: &configuration)
                let credentials = try Credentials(userID: account, apiToken: SandboxOptions.defaultAPIToken)
                let engine = try PayLinkEngine(configuration: configuration, credentials: credentials, eventLoop: loop)
                let scope = LedgerScope(account: account, baseURL: engine.defaultPage.baseURL)
                let writer = LedgerWriter(
                    open: { () throws(LedgerError) in MemoryLedger(scope: scope, book: book) },
                    deliver: { loop.execute($0) }, place: .caller)
                return RecordedLinks(engine: engine, ledger: writer, account: account)
            }
        }

        /// Runs the batch, and gives its summary and its results.
        /// - Parameter limit: interrupt it when so many links are made.
        func run(interruptedAfter limit: Int? = nil, _ change: (inout BatchOptions) -> Void = { _ in }) async throws
            -> (BatchSummary, lines: [Substring])
        {
            var options = BatchOptions()
            options.making = BatchMaker.Settings(concurrency: 2)
            change(&options)
            let table = try BatchTable(path: folder.file("in.csv"), options: options)
            let links = try links()
            return try await withCheckedThrowingContinuation { continuation in
                // `run` waits; the threads of Swift's tasks are not for that.
                Thread.detachNewThread { [options] in
                    var watcher = BatchWatcher()
                    let interruption = Interruption(limit: limit)
                    watcher.progress = { interruption.take($0) }
                    let run = BatchRun(table, options, links, watcher: watcher)
                    interruption.run.withLock { $0 = run }
                    let summary = run.run().summary
                    interruption.run.withLock { $0 = nil }
                    links.close(exitStatus: 0)
                    let text = self.folder.content("in.links.csv") ?? ""
                    continuation.resume(returning: (summary, text.split(separator: "\n")))
                }
            }
        }
    }

    /// Interrupts a run once it has made enough.
    private final class Interruption: Sendable {
        let run = Mutex<BatchRun?>(nil)
        private let limit: Int?

        init(limit: Int?) { self.limit = limit }

        func take(_ progress: BatchProgress) {
            guard let limit, progress.phase == .making, progress.done >= limit else { return }
            run.withLock { $0 }?.interrupt()
        }
    }

    @Test func makesALinkForEveryRow() async throws {
        let world = try await World(rows: 20)
        let (summary, lines) = try await world.run()
        #expect(summary.end == .done && summary.made == 20 && summary.total.description == "30.00")
        // A request that a stalled machine cut off may have made another link; then it is counted.
        let made = world.server.linkCount
        #expect((20...20 + summary.possibleOrphans).contains(made), "\(summary)")
        #expect(Set(world.server.links.map(\.description)).count == 20)
        #expect(lines.count == 21)
        for (row, line) in lines.dropFirst().enumerated() {
            #expect(line.hasPrefix("k\(row),1.50,Mug \(row),") && line.hasSuffix(",1.50"))
        }
        let (again, same) = try await world.run()
        #expect(again.end == .done && again.made == 0 && again.recorded == 20)
        #expect(world.server.linkCount == made)
        #expect(same == lines)
        await world.server.stop()
    }

    @Test func isInterruptedAndGoesOnWhereItStopped() async throws {
        let world = try await World(rows: 60)
        let (summary, lines) = try await world.run(interruptedAfter: 5)
        #expect(summary.end == .interrupted)
        #expect((5..<60).contains(summary.made))
        #expect(world.server.linkCount == summary.made && lines.isEmpty)
        let (rest, all) = try await world.run()
        #expect(rest.end == .done && rest.recorded == summary.made && rest.made == 60 - summary.made)
        #expect(world.server.linkCount == 60)
        #expect(Set(world.server.links.map(\.description)).count == 60)
        #expect(all.count == 61)
        await world.server.stop()
    }

    @Test func isInterruptedBeforeAnythingIsSent() async throws {
        let world = try await World(rows: 3)
        let table = try BatchTable(path: world.folder.file("in.csv"), options: BatchOptions())
        let links = try world.links()
        let run = BatchRun(table, BatchOptions(), links)
        run.interrupt()
        let end = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let end = run.run().summary.end
                links.close(exitStatus: 130)
                continuation.resume(returning: end)
            }
        }
        #expect(end == .interrupted)
        #expect(world.server.linkCount == 0)
        #expect(world.folder.names == ["in.csv"])
        await world.server.stop()
    }

    @Test func sendsNothingInADryRunOrOverALimit() async throws {
        let world = try await World(rows: 3)
        let (plan, none) = try await world.run { $0.isDryRun = true }
        #expect(plan.end == .planned && plan.toMake == 3 && plan.total.description == "4.50" && none.isEmpty)
        let (refused, _) = try await world.run { $0.maximumLinks = 2 }
        #expect(refused.end == .limitReached && refused.made == 0)
        #expect(world.server.record.isEmpty)
        #expect(world.folder.names == ["in.csv"])
        await world.server.stop()
    }

    @Test func saysThatBadRowsKeepTheOthersBack() async throws {
        let world = try await World(rows: 2)
        try world.folder.append("in.csv", "k0,1,Mug\nk9,x,Mug\n")
        let (summary, _) = try await world.run()
        #expect(summary.end == .nothingSent && summary.rejected == 2)
        #expect(world.server.record.isEmpty)
        let (rest, lines) = try await world.run { $0.skipsInvalid = true }
        #expect(rest.end == .rejectedRows && rest.made == 2 && lines.count == 3)
        #expect(world.folder.content("in.rejected.csv")?.contains("\"\"k0\"\" is the key of line 2, too") == true)
        await world.server.stop()
    }
}
