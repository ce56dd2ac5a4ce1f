// QR codes: exact text in both forms, and that each of them can be read on the background that it is for.

import Scripting
import Testing

@Suite struct QRCodeTests {
    /// The modules of a drawing, dark or not, as somebody sees it who knows ink and background.
    private func modules(_ lines: [Substring], inkIsDark: Bool) -> [[Bool]] {
        lines.flatMap { line -> [[Bool]] in
            let halves = line.map { character -> (Bool, Bool) in
                switch character {
                case "█": (true, true)
                case "▀": (true, false)
                case "▄": (false, true)
                default: (false, false)
                }
            }
            return [halves.map { $0.0 == inkIsDark }, halves.map { $0.1 == inkIsDark }]
        }
    }

    /// The modules of a drawing in colours: of each cell the background is above, the ink below.
    private func colouredModules(_ lines: [Substring]) -> [[Bool]] {
        lines.flatMap { line -> [[Bool]] in
            var upper: [Bool] = [], lower: [Bool] = []
            for run in line.dropLast(4).split(separator: "\u{1B}[") {
                let isDark = run.hasPrefix("38;5;255;48;5;232m")
                for character in run.dropFirst(18) {
                    upper.append(isDark)
                    lower.append(character == "▄" ? !isDark : isDark)
                }
            }
            return [upper, lower]
        }
    }

    @Test func colouredIsBlackAndWhiteWhateverTheTerminalsColours() throws {
        let text = try #require(QRCode.text("https://1shotpay.com/en/link/x", .coloured))
        let lines = text.split(separator: "\n")
        let light = "\u{1B}[38;5;232;48;5;255m", dark = "\u{1B}[38;5;255;48;5;232m"
        #expect(lines.count == 19 && lines.allSatisfy { $0.hasPrefix(light) && $0.hasSuffix("\u{1B}[0m") })
        #expect(lines[0] == light + String(repeating: " ", count: 37) + "\u{1B}[0m")
        // A finder's outline begins: dark above all along, light below between its ends.
        #expect(lines[2].hasPrefix(light + "    " + dark + " ▄▄▄▄▄ " + light))
        #expect(text.allSatisfy { " ▄\n\u{1B}[m;0123458".contains($0) })
    }

    @Test func plainIsThereForADarkBackgroundAndForALightOne() throws {
        let coloured = try #require(QRCode.text("https://1shotpay.com/en/link/x", .coloured))
        let text = try #require(QRCode.text("https://1shotpay.com/en/link/x", .plain))
        #expect(text.allSatisfy { " █▀▄\n".contains($0) })
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 39 && lines[19].isEmpty)
        let onDark = modules(Array(lines[..<19]), inkIsDark: false),
            onLight = modules(Array(lines[20...]), inkIsDark: true)
        #expect(onDark == onLight)
        #expect(colouredModules(coloured.split(separator: "\n")) == onLight)
        // The finders' outlines, and four light modules around all.
        #expect(onLight[0..<4].allSatisfy { !$0.contains(true) } && onLight.allSatisfy { !$0[0..<4].contains(true) })
        #expect(
            onLight[4][4..<11].allSatisfy { $0 } && onLight[4][11] == false && onLight[5][5..<10].allSatisfy { !$0 })
    }

    @Test func aTextThatIsTooLongHasNone() { #expect(QRCode.text(String(repeating: "x", count: 2332), .plain) == nil) }
}
