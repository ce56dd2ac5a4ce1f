// Money, durations and numbers in C are those of Swift, to the letter.

import Chance
import OneShotPay
import Recorder
import Testing

@testable import Scripting

@Suite struct ComputingTests {
    private static let pieces = [
        "0", "1", "2", "5", "9", "00", "12", "000", "999", "500000", ".", ",", ".", ",", "-", "-", " ", "'", "+", "e",
        "E",
        "$", "\t", "\n", "\u{1}", "x", "é", "€", "\u{A0}", "\u{2019}", "9223372036854", "775807", "775808", "\0",
    ]

    /// What Swift says of an amount.
    private static func amount(_ text: String, _ sign: DecimalSign) -> String {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(MoneyError) { return try Money(parsing: bytes, sign: sign).description } catch {
                return error.message
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func moneyInCIsThatOfSwiftForEveryText(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let texts = (0..<8_000).map { _ in Computing.text(of: Self.pieces, upTo: 7, &random) } + ["", "-", ".", "-."]
        let answers = try Computing.answers(
            texts,
            """
            local money, problem = host.money(text)
            return money and host.money_text(money) or problem or host.amount_problem(text)
            """)
        #expect(answers.count == texts.count)
        for (text, answer) in zip(texts, answers) {
            #expect(answer == Self.amount(text, .point), "\(text.debugDescription)")
        }
        #expect(answers.contains { $0.first?.isNumber == true } && answers.contains { $0.contains("leave it out") })
    }

    @Test(arguments: [DecimalSign.point, .comma, nil])
    func cellsAreReadAsSwiftReadsThem(sign: DecimalSign?) throws {
        var random = SplitMix(seed: 4)
        let texts =
            (0..<8_000).map { _ in Computing.text(of: Self.pieces, upTo: 6, &random) } + ["1.234", "-12,500", "0.500"]
        let argument = sign.map { "\"\($0.rawValue)\"" } ?? "nil"
        let answers = try Computing.answers(
            texts,
            """
            local money, problem = host.csv_amount(text, \(argument))
            return money and host.money_text(money) or problem or host.amount_problem(text, \(argument))
            """)
        for (text, answer) in zip(texts, answers) {
            let readings = sign == nil ? Array(text.utf8).withUnsafeBytes { AmountReadings($0) } : nil
            let expected = readings?.problem { "decimal = \"\($0.rawValue)\"" } ?? Self.amount(text, sign ?? .point)
            #expect(answer == expected, "\(text.debugDescription)")
        }
        #expect(answers.contains { $0.contains("may mean") } == (sign == nil))
    }

    @Test func numbersAreExactMoneyOrNone() throws {
        var random = SplitMix(seed: 5)
        var numbers = (0..<4_000).map { _ in
            Double(Int64.random(in: -9_999_999...9_999_999, using: &random)) / 1_000_000
        }
        numbers += numbers.prefix(500).map(\.nextUp)
        numbers += [0.1 + 0.2, 4_294_967_295.999_999, 4_294_967_296, 1e18, -0.0, 0.000_000_5]
        let answers = try Computing.answers(
            numbers.map { String(Int64(bitPattern: $0.bitPattern)) },
            """
            local money = host.money((string.unpack("<d", string.pack("<i8", math.tointeger(tonumber(text))))))
            return money and host.unbox(money) or "none"
            """)
        for (number, answer) in zip(numbers, answers) {
            #expect(answer == Money(exactly: number).map { String($0.microUSDC) } ?? "none", "\(number)")
        }
    }

    @Test func textOfMoneyIsThatOfSwift() throws {
        var random = SplitMix(seed: 6)
        let amounts = (0..<2_000).map { _ in
            Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random)
        }
        let all = amounts + [.min, .max, 0, -1, 1_000_000]
        let answers = try Computing.answers(
            all.map(String.init), "return host.money_text(host.box(math.tointeger(tonumber(text))))")
        for (amount, answer) in zip(all, answers) { #expect(answer == Money(microUSDC: amount).description) }
    }

    /// Any bits, and those where digits are hard to choose: powers of two, their neighbours, the smallest.
    @Test func doublesReadAsSwiftWritesThem() throws {
        var random = SplitMix(seed: 7)
        var numbers = (0..<20_000).map { _ in Double(bitPattern: random.next()) }
        numbers += (-1074...1023).flatMap { power in
            let value = Double(sign: .plus, exponent: power, significand: 1)
            return [value, value.nextUp, value.nextDown, -value]
        }
        numbers += (0..<2_000).map { _ in Double(Int.random(in: -99_999...99_999, using: &random)) / 1000 }
        numbers += [
            0.1, 1e-4, 1e-5, 0x1p53, 0x1p53 + 2, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            .leastNormalMagnitude, 0, -0.0,
        ]
        let answers = try Computing.answers(
            numbers.map { String(Int64(bitPattern: $0.bitPattern)) },
            """
            return host.json_encode((string.unpack("<d", string.pack("<i8", math.tointeger(tonumber(text)))))) or "none"
            """)
        for (number, answer) in zip(numbers, answers) {
            let digits = number.description.prefix { $0 != "e" }.filter(\.isNumber)
            let isKept = number.magnitude < 0x1p63 || digits.drop { $0 == "0" }.count <= 15
            #expect(answer == (number.isFinite && isKept ? number.description : "none"), "\(number)")
        }
    }

    @Test func durationsAreThoseOfSwift() throws {
        var random = SplitMix(seed: 8)
        let pieces = [
            "0", "1", "15", "90", "3660", "999999999", "s", "m", "h", "d", "w", "ms", ".", ".5", "-", " ", "e", "é",
            "S",
        ]
        let texts =
            (0..<6_000).map { _ in Computing.text(of: pieces, upTo: 6, &random) }
            + ["1h30m", "2h30m15s", "7d", "0.000000001s", "3660d", "3661d", String(repeating: "0", count: 65)]
        let answers = try Computing.answers(
            texts, "local seconds = host.duration(text) return seconds and string.format('%.17g', seconds)")
        for (text, answer) in zip(texts, answers) {
            let seconds = DurationText.parse(text).map { $0 / .seconds(1) }
            #expect(Double(answer) == seconds, "\(text.debugDescription)")
        }
        #expect(answers.contains { Double($0) != nil })
    }
}
