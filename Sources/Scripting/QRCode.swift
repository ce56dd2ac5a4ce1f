// QR codes for a terminal, by libqrencode.

import CQREncode

/// A QR code drawn with half blocks: two modules a character, dark on light whatever the terminal's colours.
public enum QRCode {
    /// - Returns: lines of text, without a newline at the end, or `nil` when the text is too long for a QR code.
    public static func terminal(_ text: String) -> String? {
        guard text.utf8.count <= 2331 else { return nil }  // the most that the largest code holds at this level
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        let modules = UnsafeBufferPointer(start: code.pointee.data, count: width * width)
        let quiet = 2
        func isDark(_ row: Int, _ column: Int) -> Bool {
            guard (0..<width).contains(row), (0..<width).contains(column) else { return false }
            return modules[row * width + column] & 1 == 1
        }
        var lines: [String] = []
        for row in stride(from: -quiet, to: width + quiet, by: 2) {
            var line = ""
            for column in -quiet..<(width + quiet) {
                // Light modules are drawn, so that the code is right on a dark background, the usual one.
                switch (isDark(row, column), isDark(row + 1, column)) {
                case (false, false): line += "█"
                case (false, true): line += "▀"
                case (true, false): line += "▄"
                case (true, true): line += " "
                }
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}
