// A row of amounts as a row of blocks, for a line of text.

package enum Sparkline {
    private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// A block for each value, against the largest; nothing for zero. What has more values than there is room for is added up,
    /// as many at a time.
    package static func text(_ values: [Int64], width: Int) -> String {
        guard !values.isEmpty, width > 0 else { return "" }
        let each = (values.count + width - 1) / width
        let sums = stride(from: 0, to: values.count, by: each).map { start in
            values[start..<min(start + each, values.count)].reduce(0.0) { $0 + Double($1) }
        }
        guard let largest = sums.max(), largest > 0 else { return String(repeating: " ", count: sums.count) }
        return String(
            sums.map { value in
                value <= 0
                    ? " "
                    : blocks[min(blocks.count - 1, Int((value / largest * Double(blocks.count)).rounded(.up)) - 1)]
            })
    }
}
