// Axes, sparklines, and money in three languages.

import Charts
import Pages
import Testing

@Suite struct ChartTests {
    @Test(
        arguments: [
            (0, 1, 1, 1), (1, 1, 1, 1), (5, 1, 1, 5), (6, 1, 2, 3), (10, 1, 2, 5), (11, 1, 5, 3), (25, 1, 5, 5),
            (26, 1, 10, 3),
            (50, 1, 10, 5), (51, 1, 20, 3), (123_456, 1, 50_000, 3), (1, 10_000, 10_000, 1),
            (342_787_165_221, 10_000, 100_000_000_000, 4),
        ] as [(Int64, Int64, Int64, Int)])
    func stepsAreRoundAndReachTheLargest(largest: Int64, unit: Int64, step: Int64, count: Int) {
        let axis = Axis(upTo: largest, unit: unit)
        #expect(axis.step == step && axis.count == count)
        #expect(axis.top >= largest && axis.steps.count == count + 1 && axis.steps.first == 0)
    }

    @Test func noSumIsTooLargeForAnAxis() {
        let axis = Axis(upTo: .max, unit: 10_000)
        #expect(axis.top > 0 && (1...5).contains(axis.count))
        #expect(axis.steps == axis.steps.sorted())
    }

    @Test func aSparklineShowsZeroAsNothing() {
        #expect(Sparkline.text([0, 1, 4, 8], width: 10) == " ▁▄█")
        #expect(Sparkline.text([0, 0], width: 10) == "  ")
        #expect(Sparkline.text([], width: 10) == "")
        #expect(
            Sparkline.text([Int64](repeating: .max, count: 100), width: 30) == String(repeating: "█", count: 24) + "█")
    }

    @Test(
        arguments: [
            (0, "$0.00", "0,00\u{A0}US$", "$0,00"), (1, "$0.000001", "0,000001\u{A0}US$", "$0,000001"),
            (1_234_500_000, "$1,234.50", "1234,50\u{A0}US$", "$1.234,50"),
            (12_345_670_000, "$12,345.67", "12.345,67\u{A0}US$", "$12.345,67"),
            (-2_500_000, "-$2.50", "-2,50\u{A0}US$", "-$2,50"),
            (.min, "-$9,223,372,036,854.775808", "-9.223.372.036.854,775808\u{A0}US$", "-$9.223.372.036.854,775808"),
        ] as [(Int64, String, String, String)])
    func moneyIsExactInEveryLanguage(micros: Int64, english: String, spanish: String, turkish: String) {
        #expect(PageLanguage.english.money(micros) == english)
        #expect(PageLanguage.spanish.money(micros) == spanish)
        #expect(PageLanguage.turkish.money(micros) == turkish)
        for language in PageLanguage.allCases {
            let (whole, rest) = language.moneyParts(micros)
            #expect(whole + rest == language.money(micros))
        }
    }

    @Test func sharesHaveADecimalOnlyWhereTheyNeedIt() {
        #expect(PageLanguage.english.percent(thousandths: 125) == "12.5%")
        #expect(PageLanguage.spanish.percent(thousandths: 1_000) == "100\u{A0}%")
        #expect(PageLanguage.turkish.percent(thousandths: 3) == "%0,3")
        #expect(PageLanguage.english.number(1_234_567) == "1,234,567" && PageLanguage.spanish.number(1234) == "1234")
    }
}
