// The words and the bar of a batch's progress.

import Batch
import Testing

@Suite struct ProgressLineTests {
    private let half = BatchProgress(.making, done: 1000, total: 2000, failures: 0)

    @Test func showsBarRateAndTimeLeft() {
        let line = ProgressLine.bar(half, elapsed: .seconds(4), width: 80)
        #expect(line == "making ██████████████████░░░░░░░░░░░░░░░░░░░ 1,000/2,000  50%  250/s  4s left")
        #expect(line.count <= 80)
    }

    @Test func namesFailures() {
        let progress = BatchProgress(.making, done: 5, total: 10, failures: 3)
        #expect(
            ProgressLine.bar(progress, elapsed: .seconds(10), width: 100).hasSuffix(
                "5/10  50%  0.5/s  4s left  3 failed"))
        #expect(
            ProgressLine.plain(progress, elapsed: .seconds(10)) == "making: 5/10 (50%), 0.5/s, 4s left, 3 failed")
    }

    @Test func saysNoRateBeforeThereIsOne() {
        #expect(!ProgressLine.bar(half, elapsed: .milliseconds(100), width: 80).contains("/s"))
        let none = BatchProgress(.making, done: 0, total: 10)
        #expect(ProgressLine.plain(none, elapsed: .seconds(10)) == "making: 0/10 (0%)")
    }

    @Test func countsRowsWhoseNumberIsNotKnown() {
        let progress = BatchProgress(.checking, done: 12_345, total: nil)
        #expect(ProgressLine.bar(progress, elapsed: .seconds(1), width: 80) == "checking 12,345 rows  12,345/s")
    }

    @Test(arguments: 1...120) func isNeverWiderThanTheTerminal(_ width: Int) {
        for done in [0, 1, 999_999, 1_000_000] {
            let progress = BatchProgress(.making, done: done, total: 1_000_000, failures: done / 3)
            #expect(ProgressLine.bar(progress, elapsed: .seconds(3), width: width).count <= width)
        }
    }

    @Test func colourAddsNothingElse() throws {
        let progress = BatchProgress(.making, done: 5, total: 10, failures: 3)
        let coloured = ProgressLine.bar(progress, elapsed: .seconds(10), width: 80, isColoured: true)
        #expect(coloured.contains("\u{1B}[36m") && coloured.contains("\u{1B}[31m3 failed\u{1B}[0m"))
        let plain = coloured.replacing(try Regex("\u{1B}\\[[0-9]*m"), with: "")
        #expect(plain == ProgressLine.bar(progress, elapsed: .seconds(10), width: 80))
    }

    static let times = [(0, "0s"), (59, "59s"), (60, "1m00s"), (130, "2m10s"), (3600, "1h00m"), (11_100, "3h05m")]

    @Test(arguments: times) func writesTimes(_ seconds: Int, _ text: String) {
        #expect(ProgressLine.time(seconds) == text)
    }

    static let numbers = [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")]

    @Test(arguments: numbers) func groupsDigits(_ number: Int, _ text: String) {
        #expect(ProgressLine.grouped(number) == text)
    }
}
