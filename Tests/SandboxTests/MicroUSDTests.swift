// Money from literal to millionths and back to text, exactly.
// Expected texts are those of ICU for the three locales.

import Testing

@testable import Sandbox

@Suite struct MicroUSDTests {
    @Test(
        arguments: [
            ("12.50", 12_500_000), ("8.2", 8_200_000), ("1.01", 1_010_000), ("0.000001", 1), ("1e3", 1_000_000_000),
            ("1.25E+1", 12_500_000), ("1000000e-6", 1_000_000), ("1.0000000", 1_000_000), ("100", 100_000_000),
            ("1000000000000", 1_000_000_000_000_000_000), ("999999999999.999999", 999_999_999_999_999_999),
        ] as [(String, Int64)])
    func readsLiteralsExactly(literal: String, micros: Int64) throws {
        #expect(try MicroUSD.parse(literal) == micros)
    }

    @Test(
        arguments: [
            ("0", .notPositive), ("0.000000", .notPositive), ("-1", .notPositive), ("-0.5", .notPositive),
            ("0.0000001", .tooManyDecimals), ("12.500000000000001", .tooManyDecimals), ("1e-7", .tooManyDecimals),
            ("1000000000000.000001", .tooLarge), ("1e13", .tooLarge), ("1e99999999", .tooLarge),
            ("99999999999999999999", .tooLarge), ("", .notADecimal), ("abc", .notADecimal), ("1,5", .notADecimal),
            ("1e", .notADecimal), ("+1", .notADecimal), (".5", .notADecimal), ("0x10", .notADecimal),
        ] as [(String, MicroUSD.Failure)])
    func refusesWhatIsNoExactAmount(literal: String, failure: MicroUSD.Failure) {
        #expect(throws: failure) { try MicroUSD.parse(literal) }
    }

    @Test(
        arguments: [
            (12_500_000, "$12.50", "12,50\u{A0}US$", "$12,50"),
            (1, "$0.000001", "0,000001\u{A0}US$", "$0,000001"),
            (1_234_500_000, "$1,234.50", "1234,50\u{A0}US$", "$1.234,50"),
            (12_345_678_901, "$12,345.678901", "12.345,678901\u{A0}US$", "$12.345,678901"),
            (1_234_567_100_000, "$1,234,567.10", "1.234.567,10\u{A0}US$", "$1.234.567,10"),
        ] as [(Int64, String, String, String)])
    func writesMoneyAsEachLocaleDoes(micros: Int64, en: String, es: String, tr: String) {
        #expect(Route.Locale.en.money(micros) == en)
        #expect(Route.Locale.es.money(micros) == es)
        #expect(Route.Locale.tr.money(micros) == tr)
    }
}
