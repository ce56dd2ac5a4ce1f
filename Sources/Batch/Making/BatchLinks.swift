// The links of a batch on an event loop of their own, for a thread that waits for them.

import Advice
import Console
import Ledger
package import NIOCore
import OneShotPay
package import Recorder
import Synchronization

/// A recorded service, and the batch that runs on it. `interrupt` may be called from any thread.
package final class BatchLinks: Sendable {
    /// For looking things up without a request.
    let ledger: LedgerWriter
    let resendsInDoubt: Bool
    let words: AdviceWords
    let pause: BatchPause
    private let loop: any EventLoop
    private let links: NIOLoopBoundBox<RecordedLinks?>
    private let maker: NIOLoopBoundBox<BatchMaker?>
    private let isInterrupted = Atomic<Bool>(false)

    /// What the batch has done so far.
    struct Figures: Sendable {
        /// Links that were made, or may have been, and what they ask for.
        var counted = 0
        var total = Money.zero
        var possibleOrphans = 0
    }

    /// - Parameters:
    ///   - loop: nobody may wait on it.
    ///   - pause: how the batch's thread waits for the loop.
    ///   - open: called on the loop.
    /// - Throws: what `open` throws.
    package init(
        on loop: any EventLoop, pause: BatchPause = .blocking,
        open: @escaping @Sendable (any EventLoop) throws -> RecordedLinks
    ) throws {
        let links = NIOLoopBoundBox<RecordedLinks?>.makeBoxSendingValue(nil, eventLoop: loop)
        self.loop = loop
        self.links = links
        self.pause = pause
        maker = .makeBoxSendingValue(nil, eventLoop: loop)
        (ledger, resendsInDoubt, words) = try pause.value { done in
            loop.execute {
                done(
                    Result {
                        let made = try open(loop)
                        links.value = made
                        return (made.ledger, made.engine.configuration.retry.resendsCreatesInDoubt, made.words)
                    })
            }
        }
    }

    /// - Throws: ``BatchError`` with code `interrupted` once it has been.
    func check() throws(BatchError) {
        if isInterrupted.load(ordering: .relaxed) { throw BatchError(.interrupted, "interrupted") }
    }

    /// Ends what is under way.
    func interrupt() {
        isInterrupted.store(true, ordering: .relaxed)
        loop.execute { self.maker.value?.interrupt() }
    }

    /// Makes the rows that a plan has kept, and waits until they are through.
    func make(
        _ plan: BatchPlan, of input: BatchInput, _ settings: BatchMaker.Settings, _ watcher: BatchWatcher
    ) throws -> MakeReport {
        let orders = plan.orders, total = plan.toDo
        return try pause.value { done in
            loop.execute {
                guard let links = self.links.value else { return done(.success(MakeReport())) }
                links.engine.clockObserver = { watcher.warn($0.warning) }
                let maker = BatchMaker(
                    links: links,
                    feed: RowFeed(orders, of: input, from: links.sharesAccount ? links.engine.random() : 0),
                    total: total,
                    settings: settings,
                    progress: watcher.progress)
                self.maker.value = maker
                maker.start { done(.success($0)) }
                if self.isInterrupted.load(ordering: .relaxed) { maker.interrupt() }
            }
        }
    }

    var figures: Figures {
        let figures = try? pause.value { done in
            loop.execute {
                let figures = self.links.value.map {
                    Figures(
                        counted: $0.limits.links, total: $0.limits.total,
                        possibleOrphans: $0.engine.statistics.possibleOrphans)
                }
                done(.success(figures ?? Figures()))
            }
        }
        return figures ?? Figures()
    }

    /// Unix seconds by the clock of whoever sends.
    func unixTime() throws -> Int64 {
        try pause.value { done in loop.execute { done(.success(self.links.value?.engine.localTime ?? 0)) } }
    }

    /// Lets go of everything at once, as when a simulated process is killed. To be called on the loop.
    package func discard() {
        maker.value?.discard()
        links.value?.discard()
        (maker.value, links.value) = (nil, nil)
    }

    /// Records the end of the run and gives everything back.
    package func close(exitStatus: Int32) {
        pause { done in
            loop.execute {
                guard let links = self.links.value else { return done() }
                self.links.value = nil
                self.maker.value = nil
                links.shutdown(exitStatus: exitStatus) { done() }
            }
        }
    }
}
