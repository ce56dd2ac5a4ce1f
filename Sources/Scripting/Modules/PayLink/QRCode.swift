// QR codes as text, by libqrencode: for a terminal in colours of their own, elsewhere so that any background will do.

import CQREncode
import Console
internal import Glibc

/// A QR code drawn with half blocks: two modules a character, four modules of quiet around them.
public enum QRCode {
    /// How it is drawn.
    public enum Form: Sendable, Hashable {
        /// Black on white by the terminal's colours, whatever these are otherwise.
        case coloured
        /// Without colours nobody knows which of ink and background is the darker one. Readers want dark on light, so
        /// the code is there twice: first for a dark background, then for a light one.
        case plain

        /// The form for what is behind a file descriptor: colours on a terminal, unless the environment says otherwise.
        public static func of(_ descriptor: Int32) -> Form {
            TerminalColours.areShown(on: descriptor) ? .coloured : .plain
        }
    }

    private static let quiet = 4
    /// Of the 256 colours, those of the grey ramp: unlike the first sixteen, no theme changes them.
    private static let blackOnWhite = "\u{1B}[38;5;232;48;5;255m"
    private static let whiteOnBlack = "\u{1B}[38;5;255;48;5;232m"
    private static let reset = "\u{1B}[0m"

    /// - Returns: lines of text, without a newline at the end, or `nil` when the text is too long for a QR code.
    public static func text(_ text: String, _ form: Form) -> String? {
        guard text.utf8.count <= 2331 else { return nil }  // the most that the largest code holds at this level
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        // Safe because: libqrencode gives width × width bytes, and they live until QRcode_free.
        let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
        func isDark(_ row: Int, _ column: Int) -> Bool {
            guard (0..<width).contains(row), (0..<width).contains(column) else { return false }
            return modules[row * width + column] & 1 == 1
        }
        let rows = stride(from: -quiet, to: width + quiet, by: 2), columns = -quiet..<width + quiet
        let lines =
            switch form {
            case .coloured: rows.map { row in columns.map { (isDark(row, $0), isDark(row + 1, $0)) } }.map(coloured)
            case .plain:
                [false, true].map { inksDark in
                    rows.map { row in
                        columns.map { ink(isDark(row, $0) == inksDark, isDark(row + 1, $0) == inksDark) }.joined()
                    }
                }.joined(separator: [""]).map(\.self)
            }
        return lines.joined(separator: "\n")
    }

    /// One line. Where both halves are alike the background alone is seen, which has no gaps in any font; where they are
    /// not, the lower one is ink, as that block reaches its end of the cell in more fonts than the upper one.
    private static func coloured(_ cells: [(upper: Bool, lower: Bool)]) -> String {
        var line = ""
        var last: Bool?
        for cell in cells {
            if cell.upper != last { line += cell.upper ? whiteOnBlack : blackOnWhite }
            last = cell.upper
            line += cell.upper == cell.lower ? " " : "▄"
        }
        return line + reset
    }

    private static func ink(_ upper: Bool, _ lower: Bool) -> String {
        switch (upper, lower) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }
}
