// Money: what is read, what is refused and why, what is printed, and sums that do not fit.

import Chance
import OneShotPay
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("0", 0), ("12", 12_000_000), ("12.5", 12_500_000), ("12.50", 12_500_000), ("0.000001", 1),
        ("12.500000", 12_500_000), ("12.5000000000", 12_500_000), ("007.10", 7_100_000), ("-3.00", -3_000_000),
        ("9223372036854.775807", Int64.max), ("-9223372036854.775807", -Int64.max), ("8.20", 8_200_000),
    ])
    func readsDecimalText(text: String, micro: Int64) throws {
        #expect(try Money(parsing: text) == Money(microUSDC: micro))
    }

    @Test(arguments: [
        ("", MoneyError.Code.empty), ("1e3", .exponent), ("1E3", .exponent), ("12,50", .comma), ("1,234.50", .comma),
        ("$12", .currencySign), ("€12", .currencySign), ("12€", .currencySign), ("£1", .currencySign),
        (" 12", .surroundingSpace), ("12 ", .surroundingSpace), ("12\n", .surroundingSpace),
        ("\t12", .surroundingSpace),
        ("NaN", .notANumber), ("nan", .notANumber), ("inf", .notANumber), ("abc", .notANumber), ("0x10", .notANumber),
        ("e5", .notANumber), ("1 2", .notANumber), ("--1", .notANumber), ("+5", .plusSign),
        ("12.5000001", .tooManyDecimals), ("0.0000001", .tooManyDecimals), ("1.2.3", .repeatedDot),
        ("1..2", .repeatedDot),
        (".5", .missingDigits), ("5.", .missingDigits), (".", .missingDigits), ("-", .missingDigits),
        ("9223372036854.775808", .tooLarge), ("99999999999999999999999999", .tooLarge), ("1.00000007,5", .comma),
        ("\u{0}", .notANumber), ("１２", .notANumber), ("\u{A0}5", .surroundingSpace), ("5\u{202F}", .surroundingSpace),
        ("1\u{A0}234", .notANumber), ("1\u{2009}234", .notANumber), ("5\u{200B}", .notANumber),
        ("1\u{2019}234", .notANumber),
        ("₺12", .currencySign), ("12₹", .currencySign),
    ])
    func refusesWhatIsNotPlainlyAnAmount(text: String, code: MoneyError.Code) {
        let error = #expect(throws: MoneyError.self) { try Money(parsing: text) }
        #expect(error?.code == code, "\(text.debugDescription) gave \(String(describing: error))")
    }

    @Test(arguments: [
        ("1\u{A0}234", "U+00A0 (no-break space)"), ("5\u{202F}", "U+202F (narrow no-break space)"),
        ("\u{2212}5", "U+2212 (minus sign)"), ("1\u{2019}234", "U+2019 (right single quotation mark)"),
    ])
    func namesTheCharacterThatIsNoAmount(text: String, says: String) {
        let error = #expect(throws: MoneyError.self) { try Money(parsing: text) }
        #expect(error?.message.contains("has \(says) in it") == true)
    }

    @Test(arguments: [
        "\u{A0}", "\u{202F}", "\u{2009}", "\u{2007}", "\u{3000}", " ", "'", "\u{2019}",
    ])
    func saysHowToWriteGroupedThousands(mark: String) throws {
        for (text, advice) in [
            ("1\(mark)234,50", "1234.50"), ("1\(mark)234.50", "1234.50"), ("12\(mark)345\(mark)678", "12345678"),
        ] {
            let error = try #require(throws: MoneyError.self) { try Money(parsing: text) }
            let code = String(mark.unicodeScalars.map(\.value).first ?? 0, radix: 16, uppercase: true)
            let name = "U+" + String(repeating: "0", count: 4 - code.count) + code
            #expect(
                error.message.contains("has \(name) (") && error.message.hasSuffix("leave it out and write \(advice)"))
        }
    }

    @Test func everyReasonReadsDifferently() {
        let texts = [
            "", "1e3", "12,50", "$12", " 12", "NaN", "+5", "12.5000001", "1.2.3", ".5", "99999999999999999999",
        ]
        let messages = texts.compactMap { text -> String? in
            do throws(MoneyError) { _ = try Money(parsing: text); return nil } catch {
                return error.message.replacing(text, with: "")
            }
        }
        #expect(Set(messages).count == texts.count)
        #expect(messages.contains { $0.contains("use a dot") })
        #expect(messages.contains { $0.contains("more than 6 decimals") })
    }

    @Test func boundsWhatItQuotes() {
        let error = #expect(throws: MoneyError.self) { try Money(parsing: String(repeating: "x", count: 10_000)) }
        #expect((error?.message.count ?? .max) < 200)
    }

    @Test(arguments: [
        (12_500_000, "12.50", "12.5"), (1, "0.000001", "0.000001"), (-3_000_000, "-3.00", "-3"), (0, "0.00", "0"),
        (100_000, "0.10", "0.1"), (1_234_567, "1.234567", "1.234567"), (10_000_000, "10.00", "10"),
        (Int64.max, "9223372036854.775807", "9223372036854.775807"),
        (Int64.min, "-9223372036854.775808", "-9223372036854.775808"),
    ])
    func printsTheShortestText(micro: Int64, text: String, wire: String) {
        #expect(Money(microUSDC: micro).description == text)
        #expect(Money(microUSDC: micro).wireLiteral == wire)
    }

    @Test func readsBackWhatItPrints() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<20_000 {
            let shift = UInt64(random.next() % 63)
            let money = Money(microUSDC: Int64(bitPattern: random.next()) >> Int64(shift))
            guard money.microUSDC != .min else { continue }
            #expect(try Money(parsing: money.description) == money)
            #expect(try Money(parsing: money.wireLiteral) == money)
        }
    }

    @Test func neverTrapsOnRandomText() {
        let alphabet = Array("0123456789.,-+eE$ \n€x".unicodeScalars)
        var random = SplitMix(seed: 11)
        for _ in 0..<50_000 {
            var text = ""
            for _ in 0..<random.next() % 24 {
                text.unicodeScalars.append(alphabet[Int(random.next() % UInt64(alphabet.count))])
            }
            if let money = try? Money(parsing: text) { #expect(text.contains { $0.isNumber }, "\(money)") }
        }
    }

    @Test(arguments: [
        (0.1, 100_000), (12.5, 12_500_000), (8.2, 8_200_000), (-3.0, -3_000_000), (0.000001, 1),
        (1e9, 1_000_000_000_000_000),
        (4_294_967_295.999999, 4_294_967_295_999_999),
    ])
    func takesADoubleThatIsPlainlyAnAmount(value: Double, micro: Int64) {
        #expect(Money(exactly: value)?.microUSDC == micro)
    }

    @Test(arguments: [0.1 + 0.2, 1.0 / 3, 1e-7, 0.0000015, .nan, .infinity, -.infinity, 1e10, 4_294_967_296, 1e300])
    func refusesADoubleThatIsInDoubt(value: Double) {
        #expect(Money(exactly: value) == nil)
    }

    @Test func takesExactlyTheDoublesThatReadBack() throws {
        var random = SplitMix(seed: 3)
        for _ in 0..<20_000 {
            let micro = Int64(random.next() % 4_294_967_295_999_999)
            let money = Money(microUSDC: micro)
            let value = try #require(Double(money.description))
            #expect(Money(exactly: value) == money)
            if let near = Money(exactly: value.nextUp) {
                #expect(near != money && Double(near.description) == value.nextUp)
            }
        }
    }

    @Test func addsWithoutWrapping() throws {
        let one = Money(microUSDC: 1)
        let most = Money(microUSDC: .max)
        #expect(try Money(parsing: "8.20").adding(Money(parsing: "0.10")) == Money(parsing: "8.30"))
        #expect(try Money(parsing: "1").subtracting(Money(parsing: "2.50")) == Money(parsing: "-1.50"))
        #expect(try Money(parsing: "12.50").multiplied(by: 3) == Money(parsing: "37.50"))
        #expect(throws: MoneyError.self) { try most.adding(one) }
        #expect(throws: MoneyError.self) { try Money(microUSDC: .min).subtracting(one) }
        #expect(throws: MoneyError.self) { try most.multiplied(by: 2) }
        #expect(Money(dollars: 12)?.description == "12.00")
        #expect(Money(dollars: .max) == nil)
        #expect(one > .zero && one < most)
    }
}
