// What paces the making of links, and what the end of each means.

import Batch
import Ledger
import NIOCore
import OneShotPay
import Recorder
import Scripting
import TestSupport
import Testing

@Suite struct PacerTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func expect(
        _ pacer: inout Pacer, at now: NIODeadline, _ answer: NIODeadline?, _ place: SourceLocation = #_sourceLocation
    ) {
        let given = pacer.take(now: now)
        #expect(given == answer, sourceLocation: place)
    }

    @Test func letsOneBeginInEveryInterval() {
        var pacer = Pacer(interval: .milliseconds(100))
        expect(&pacer, at: start, nil)
        expect(&pacer, at: start, start + .milliseconds(100))
        expect(&pacer, at: start + .milliseconds(99), start + .milliseconds(100))
        expect(&pacer, at: start + .milliseconds(100), nil)
        expect(&pacer, at: start + .milliseconds(100), start + .milliseconds(200))
    }

    @Test func savesNothingUp() {
        var pacer = Pacer(interval: .milliseconds(100))
        expect(&pacer, at: start, nil)
        expect(&pacer, at: start + .seconds(60), nil)
        expect(&pacer, at: start + .seconds(60), start + .seconds(60) + .milliseconds(100))
    }

    @Test func makesGoodATimerThatOverslept() {
        var pacer = Pacer(interval: .milliseconds(100))
        expect(&pacer, at: start, nil)
        expect(&pacer, at: start + .milliseconds(130), nil)
        expect(&pacer, at: start + .milliseconds(130), start + .milliseconds(200))
    }

    @Test func manyTakeTurnsAtOneRateAndGiveBackWhatWasOfNoUse() {
        var pacer = Pacer(interval: .milliseconds(100))
        pacer.divide(by: 3)
        expect(&pacer, at: start, nil)
        expect(&pacer, at: start, start + .milliseconds(300))
        pacer.giveBack()
        expect(&pacer, at: start, nil)
        pacer.divide(by: 1)
        expect(&pacer, at: start + .milliseconds(300), nil)
        expect(&pacer, at: start + .milliseconds(300), start + .milliseconds(400))
    }

    static let rates: [(String, TimeAmount?)] = [
        ("10/s", .milliseconds(100)), ("600/m", .milliseconds(100)), ("600/min", .milliseconds(100)),
        ("3600/h", .seconds(1)),
        ("4", .milliseconds(250)), ("0.5/s", .seconds(2)), ("0/s", nil), ("-1/s", nil), ("fast", nil), ("10/x", nil),
        ("10/", nil), ("/s", nil), ("", nil), ("1e3/s", nil), ("nan", nil), ("10 /s", nil),
    ]

    @Test(arguments: rates) func readsRates(_ text: String, _ interval: TimeAmount?) {
        #expect(PaceText.parse(text) == interval)
    }
}

@Suite struct RowOutcomeTests {
    private func outcome(_ code: OneShotPayError.Code) -> RowOutcome {
        RowOutcome.of(.failure(LinkFailure(OneShotPayError(code, "no"))))
    }

    @Test func tellsBadRowsFromBadTimes() {
        #expect(outcome(.rejected) == .rejected("no"))
        #expect(outcome(.invalidRequest) == .rejected("no"))
        for code: OneShotPayError.Code in [
            .connectFailed, .resolveFailed, .tlsFailed, .connectionLost, .timeout, .serverError, .rateLimited,
            .replyTooLarge, .badReply, .inDoubt, .notFound,
        ] {
            #expect(outcome(code) == .unfinished("\(code.rawValue): no", showsTrouble: true))
        }
    }

    @Test func stopsForWhatConcernsAllRows() {
        #expect(outcome(.unauthorized) == .stop(.credentials("no")))
        #expect(outcome(.redirectRefused) == .stop(.configuration("no")))
        for code in LedgerError.Code.allCases {
            let failure = LinkFailure(LedgerError(code, "no"))
            #expect(RowOutcome.of(.failure(failure)) == .stop(.ledger(code, "no")))
        }
    }

    @Test func leavesWhatAPersonMustSettle() {
        #expect(RowOutcome.of(.failure(LinkFailure(.busy, "no"))) == .unfinished("no", showsTrouble: false))
        #expect(RowOutcome.of(.failure(LinkFailure(.inDoubt, "no"))) == .unfinished("no", showsTrouble: false))
        #expect(RowOutcome.of(.failure(LinkFailure(.keyReused, "no"))) == .rejected("no"))
        #expect(RowOutcome.of(.failure(LinkFailure(.abandoned, "no"))) == .abandoned("no"))
    }

    @Test func doesNotCountWhatWasCalledOff() {
        #expect(outcome(.cancelled) == .cancelled)
        #expect(outcome(.shutDown) == .cancelled)
    }

    @Test func rejectsALinkWithOtherTerms() {
        var error = OneShotPayError(.badReply, "no")
        error.link = Fixture.link(LinkOrder(CreatePayLink(amount: .zero, description: "")))
        #expect(RowOutcome.of(.failure(LinkFailure(error))) == .rejected("no"))
    }
}

@Suite struct RowFeedTests {
    /// Few rows stay in memory, many go through a file.
    @Test(arguments: [4, 4000]) func givesTheRowsToMakeAsTheyWereRead(_ length: Int) throws {
        let count = 2000
        let text = (0..<count).map { "k\($0),1.25,\(String(repeating: "é", count: length)),7d,tr\n" }.joined()
        let fixture = try Fixture("id,amount,description,expires_in,locale\n" + text)
        for row in 0..<count where row % 3 != 0 { try fixture.make("k\(row)", "1", "Mug") }
        let plan = try fixture.check()
        // Those were made with other terms.
        #expect(plan.rejected == count - plan.toMake)
        let feed = RowFeed(plan.orders, of: fixture.input)
        var rows: [RowFeed.Row] = []
        while let row = try feed.next() { rows.append(row) }
        #expect(rows.map(\.index) == Array(stride(from: 0, to: count, by: 3)))
        #expect(rows.map { $0.order.key } == rows.map { "k\($0.index)" })
        #expect(rows.map(\.line) == rows.map { $0.index + 2 })
        var request = CreatePayLink(
            amount: Money(microUSDC: 1_250_000), description: String(repeating: "é", count: length))
        request.locale = .turkish
        #expect(
            rows.allSatisfy {
                $0.order == LinkOrder(request, key: $0.order.key, expiry: .after(.seconds(7 * 86_400)))
            })
        #expect(fixture.folder.names == ["in.csv"])
    }

    /// Runs that share the rows begin at different places.
    @Test(arguments: [(0.0, 0), (0.5, 1_000), (0.999, 1_998), (0.0001, 0)])
    func beginsSomewhereAndGivesEachRowOnce(_ part: Double, _ first: Int) throws {
        let count = 2000
        let text = (0..<count).map { "k\($0),1.25,\(String(repeating: "é", count: 2000))\n" }.joined()
        let fixture = try Fixture("id,amount,description\n" + text)
        let feed = RowFeed(try fixture.check().orders, of: fixture.input, from: part)
        var rows: [Int] = []
        while let row = try feed.next() { rows.append(row.index) }
        #expect(rows == Array(first..<count) + Array(0..<first))
        #expect(try feed.next() == nil)
    }

    @Test func stopsWhenTheFileHasChanged() throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\n")
        let feed = RowFeed(try fixture.check().orders, of: fixture.input)
        try fixture.folder.append("in.csv", "b,1,Mug\n")
        #expect(try failure { _ = try feed.next() }.code == .inputFailed)
    }
}

@Suite struct BatchSummaryTests {
    static let stops: [(BatchStop?, Int, BatchSummary.End)] = [
        (nil, 0, .done), (.credentials("no"), 1, .credentials), (.configuration("no"), 1, .configuration),
        (.ledger(.full, "no"), 1, .ledger), (.ledger(.busy, "no"), 1, .ledgerBusy),
        (.unreachable("no"), 0, .unreachable),
        (.unreachable("no"), 1, .unfinished), (.interrupted, 1, .interrupted),
        (.input(BatchError(.inputFailed, "no")), 1, .inputOutput),
    ]

    @Test(arguments: stops) func saysWhyItEnded(_ stop: BatchStop?, _ done: Int, _ end: BatchSummary.End) {
        var report = MakeReport()
        report.stop = stop
        report.done = done
        var summary = BatchSummary()
        summary.add(report)
        #expect(summary.end == end)
        #expect((summary.reason == nil) == (stop == nil))
    }

    @Test func unfinishedRowsWeighMoreThanRejectedOnes() {
        var report = MakeReport()
        report.rejected = [1: "no"]
        var summary = BatchSummary()
        summary.add(report)
        #expect(summary.end == .rejectedRows)
        report.unfinished = 1
        summary.add(report)
        #expect(summary.end == .unfinished)
    }
}
