// A batch in a test's world: what `paylink batch` runs, with the world's service, ledger and clock. BatchRun waits for
// both, so it has a thread of its own that takes turns with the world's.

import Batch
import Console
import LuaRuntime
import OneShotPay
import Recorder
import Scripting

/// What a batch is started with.
struct BatchOrder {
    var path: String
    var options = BatchOptions()
    var mapping: ScriptSource?
}

/// A batch on the loop of a process, which is killed as any other is.
final class TestBatch: @unchecked Sendable {
    // Safe because: its thread and the world's take turns.

    private let order: BatchOrder
    private unowned let process: TestProcess
    private let thread: SideThread
    private var mapping: RowMapping?
    private var links: BatchLinks?
    private(set) var outcome = BatchOutcome()

    init(_ order: BatchOrder, in process: TestProcess) {
        self.order = order
        self.process = process
        thread = SideThread(process.world.time)
    }

    func start() { thread.start { [self] in run() } }

    /// As SIGKILL would: nothing that it waits for comes any more.
    func discard() {
        mapping?.discard()
        links?.discard()
        thread.giveUp()
        (mapping, links) = (nil, nil)
    }

    /// The tables that it has written, with the options of the input.
    func rows(of path: String?) -> [[(column: String, cell: String)]] {
        guard let path else { return [] }
        return WorldTable.read(path, order.options.table) ?? []
    }

    // MARK: On its thread

    private func run() {
        let begun = process.world.unixTime
        do {
            let pause = BatchPause { [thread] in thread.wait($0) }
            let table = try BatchTable(path: order.path, options: order.options, isMapped: order.mapping != nil)
            mapping = order.mapping.map { rowMapping($0, pause) }
            var configuration = OneShotPayConfiguration()
            order.options.making.apply(to: &configuration)
            let opened = try BatchLinks(on: process.loop, pause: pause) { [process, configuration] _ in
                try process.links(configuration)
            }
            links = opened
            var watcher = BatchWatcher()
            watcher.warn = { [process] in process.noteError("warning: \($0)\n") }
            outcome = BatchRun(table, order.options, opened, mapping: mapping, watcher: watcher).run()
        } catch {
            outcome.end(by: error)
        }
        guard process.outcome == nil else { return }
        outcome.summary.seconds = process.world.unixTime - begun
        let (status, told) = process.world.settings.batchEnd(outcome, order.path, order.options.isDryRun)
        links?.close(exitStatus: status)
        process.noteError(told)
        process.ended(status: status)
    }

    private func rowMapping(_ script: ScriptSource, _ pause: BatchPause) -> RowMapping {
        var options = ScriptOptions(limits: process.world.settings.limits, environment: process.world.environment)
        options.words = process.world.settings.words
        options.logLevel = .debug
        options.world = process
        options.lineObserver = process.world.lineObserver
        return RowMapping(script, options: options, on: process.loop, pause: pause) { [process] in
            process.noteMessage($0)
        }
    }
}
