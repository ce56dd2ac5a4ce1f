// Two amounts over a row of times: what was asked as an outline, what was received as a filled bar inside it.

package import Pages

/// Bars over categories in their order.
package struct BarChart: Sendable {
    /// What one bar stands for.
    package struct Bar: Sendable {
        /// Under the axis, where there is room; in full in the table.
        package var label: String
        package var name: String
        /// An outline.
        package var outline: Int64
        /// Filled.
        package var filled: Int64

        package init(label: String, name: String, outline: Int64, filled: Int64) {
            self.label = label
            self.name = name
            self.outline = outline
            self.filled = filled
        }
    }

    package struct Words: Sendable {
        package var title, summary, outline, filled, category, table: String

        package init(title: String, summary: String, outline: String, filled: String, category: String, table: String) {
            self.title = title
            self.summary = summary
            self.outline = outline
            self.filled = filled
            self.category = category
            self.table = table
        }
    }

    package var bars: [Bar]
    package var words: Words
    /// A value as the table shows it, and as the axis does.
    package var format: @Sendable (Int64) -> String
    package var axisFormat: @Sendable (Int64) -> String
    /// The smallest step of the axis.
    package var unit: Int64

    package init(
        bars: [Bar], words: Words, unit: Int64, format: @escaping @Sendable (Int64) -> String,
        axisFormat: @escaping @Sendable (Int64) -> String
    ) {
        self.axisFormat = axisFormat
        self.bars = bars
        self.words = words
        self.unit = unit
        self.format = format
    }

    private static let width = 720.0, height = 240.0, top = 10.0, bottom = 26.0

    package var html: HTML {
        let axis = Axis(upTo: bars.reduce(0) { max($0, $1.outline, $1.filled) }, unit: unit)
        let labels = axis.steps.map(axisFormat)
        // Digits are about seven wide.
        let left = 14 + 7 * Double(labels.map(\.count).max() ?? 0)
        let slot = (Self.width - left) / Double(max(bars.count, 1)), base = Self.height - Self.bottom
        func y(_ value: Int64) -> Double { base - axis.share(value) * (base - Self.top) }
        let n = Figure.number
        var parts: [HTML] = []
        for (value, label) in zip(axis.steps, labels) {
            parts.append(
                """
                <line class="\(value == 0 ? "zero" : "grid")" x1="\(n(left))" x2="\(n(Self.width))" y1="\(n(y(value)))" y2="\(n(y(value)))"/>\
                <text class="amount" x="\(n(left - 6))" y="\(n(y(value) + 4))">\(label)</text>
                """)
        }
        // As many labels as have room, the first one among them.
        let longest = Double(bars.map(\.label.count).max() ?? 1) * 7 + 10
        let every = max(1, Int((longest / slot).rounded(.up)))
        for (index, bar) in bars.enumerated() {
            let x = left + slot * Double(index), inset = min(slot * 0.15, 6)
            if bar.outline > 0 {
                parts.append(
                    "<rect class=\"asked\" x=\"\(n(x + inset))\" width=\"\(n(slot - 2 * inset))\" y=\"\(n(y(bar.outline)))\" height=\"\(n(base - y(bar.outline)))\"/>"
                )
            }
            if bar.filled > 0 {
                let inset = inset + min(slot * 0.12, 4)
                parts.append(
                    "<rect class=\"received\" x=\"\(n(x + inset))\" width=\"\(n(slot - 2 * inset))\" y=\"\(n(y(bar.filled)))\" height=\"\(n(base - y(bar.filled)))\"/>"
                )
            }
            if index % every == 0 {
                parts.append(
                    "<text class=\"name\" x=\"\(n(x + slot / 2))\" y=\"\(n(Self.height - 8))\">\(bar.label)</text>")
            }
        }
        let picture: HTML =
            "<svg viewBox=\"0 0 \(n(Self.width)) \(n(Self.height))\" aria-hidden=\"true\">\(parts)</svg>"
        let table = ChartTable(
            name: words.title,
            headings: [words.category, words.outline, words.filled],
            rows: bars.map { [$0.name, format($0.outline), format($0.filled)] })
        return Figure.html(
            title: words.title, summary: words.summary,
            legend: """
                <span class="legend"><span class="key asked"></span>\(words.outline) <span class="key received"></span>\(words.filled)</span>
                """,
            picture: picture, tableTitle: words.table, table: table)
    }
}
