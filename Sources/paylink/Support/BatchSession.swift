// The links of a batch on an event loop of their own, for a thread that waits for them.

import Batch
import Ledger
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Scripting
import Synchronization

/// A recorded service, and the batch that runs on it. `interrupt` may be called from any thread.
final class BatchSession: Sendable {
    /// For looking things up without a request.
    let ledger: LedgerWriter
    let resendsInDoubt: Bool
    private let loop: any EventLoop
    private let links: NIOLoopBoundBox<RecordedLinks?>
    private let maker: NIOLoopBoundBox<BatchMaker?>
    private let isInterrupted = Atomic<Bool>(false)

    /// What the batch has done so far.
    struct Figures: Sendable {
        /// Links that were made, or may have been, and what they ask for.
        var counted: Int
        var total: Money
        var possibleOrphans: Int
    }

    /// - Throws: `OneShotPayError` with code `invalid_configuration`.
    init(
        configuration: OneShotPayConfiguration, credentials: Credentials, ledger location: LedgerLocation,
        command: String
    ) throws {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let links = NIOLoopBoundBox<RecordedLinks?>.makeBoxSendingValue(nil, eventLoop: loop)
        self.loop = loop
        self.links = links
        maker = .makeBoxSendingValue(nil, eventLoop: loop)
        resendsInDoubt = configuration.retry.resendsCreatesInDoubt
        ledger = try loop.submit {
            let made = try RecordedLinks.open(
                configuration: configuration, credentials: credentials, ledger: location, command: command, on: loop)
            links.value = made
            return made.ledger
        }.wait()
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

    /// Makes the rows that are marked, and waits until they are through.
    func make(
        _ input: BatchInput, _ reader: RowReader, _ plan: BatchPlan, _ settings: BatchMaker.Settings,
        _ reporter: ProgressReporter
    ) throws -> MakeReport {
        let promise = loop.makePromise(of: MakeReport.self)
        let marks = plan.marks, total = plan.toMake + plan.toLookUp
        loop.execute {
            guard let links = self.links.value else { return promise.succeed(MakeReport()) }
            let feed = RowFeed(input: input, reader: reader, marks: marks)
            links.engine.clockObserver = { difference in
                reporter.clear()
                Console.message(difference.warning)
            }
            let maker = BatchMaker(links: links, feed: feed, total: total, settings: settings) { reporter.update($0) }
            self.maker.value = maker
            maker.start { promise.succeed($0) }
            if self.isInterrupted.load(ordering: .relaxed) { maker.interrupt() }
        }
        return try promise.futureResult.wait()
    }

    var figures: Figures {
        let figures = loop.submit {
            let links = self.links.value
            return Figures(
                counted: links?.limits.links ?? 0, total: links?.limits.total ?? .zero,
                possibleOrphans: links?.engine.statistics.possibleOrphans ?? 0)
        }
        return (try? figures.wait()) ?? Figures(counted: 0, total: .zero, possibleOrphans: 0)
    }

    /// Records the end of the run and gives everything back.
    func close(_ status: ExitStatus) {
        let promise = loop.makePromise(of: Void.self)
        loop.execute {
            guard let links = self.links.value else { return promise.succeed() }
            self.links.value = nil
            self.maker.value = nil
            links.shutdown(exitStatus: status.rawValue) { promise.succeed() }
        }
        try? promise.futureResult.wait()
    }
}
