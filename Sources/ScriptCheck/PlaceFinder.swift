// From byte offsets to what a person counts: lines and columns.

/// Lines and columns of byte offsets that are asked for in rising order: the text is gone through once.
struct PlaceFinder {
    private let text: [UInt8]
    private var at = 0
    private var line = 1
    private var column = 1

    init(_ text: [UInt8]) { self.text = text }

    mutating func place(_ offset: Int32) -> (line: Int, column: Int) {
        while at < min(Int(offset), text.count) {
            let byte = text[at]
            if Lexer.endsLine(byte) {
                at += 1
                if at < text.count, Lexer.endsLine(text[at]), text[at] != byte { at += 1 }
                (line, column) = (line + 1, 1)
            } else {
                at += 1
                // A character of several bytes begins with one that does not look like 10xxxxxx.
                if at >= text.count || text[at] & 0xC0 != 0x80 { column += 1 }
            }
        }
        return (line, column)
    }
}
