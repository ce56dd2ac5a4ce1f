// Tables on standard output: as wide as a terminal is, with headings where a person sees them.

import Console
import Glibc

enum OutputTable {
    /// 80, or more where standard output is a wider terminal.
    static var width: Int {
        var size = winsize()
        guard isTerminal, ioctl(1, UInt(TIOCGWINSZ), &size) == 0 else { return 80 }
        return max(80, Int(size.ws_col))
    }

    private static var isTerminal: Bool { isatty(1) == 1 }

    /// Names above the columns. What goes into a file or a program has none: there each line is a record.
    static func printHeadings(_ text: String) throws {
        guard isTerminal else { return }
        let isColoured = TerminalColours.areShown(on: 1)
        try LedgerCommand.print(isColoured ? "\u{1B}[2m\(text)\u{1B}[0m\n" : text + "\n")
    }
}
