// A share that falls with time: of what was begun, how much is still open after so long.

package import Pages

/// Steps over a scale of times that grow from one to the next.
package struct CurveChart: Sendable {
    package struct Point: Sendable {
        /// Such as `5 min`.
        package var label: String
        /// In the table: `≤ 5 min`.
        package var name: String
        /// What has ended by then since the point before.
        package var count: Int
        /// What is open still, in thousandths.
        package var open: Int

        package init(label: String, name: String, count: Int, open: Int) {
            self.label = label
            self.name = name
            self.count = count
            self.open = open
        }
    }

    package struct Words: Sendable {
        package var title, summary, curve, bars, category, table: String

        package init(title: String, summary: String, curve: String, bars: String, category: String, table: String) {
            self.title = title
            self.summary = summary
            self.curve = curve
            self.bars = bars
            self.category = category
            self.table = table
        }
    }

    package var points: [Point]
    package var words: Words
    package var number: @Sendable (Int) -> String
    package var percent: @Sendable (Int) -> String

    package init(
        points: [Point], words: Words, number: @escaping @Sendable (Int) -> String,
        percent: @escaping @Sendable (Int) -> String
    ) {
        self.points = points
        self.words = words
        self.number = number
        self.percent = percent
    }

    private static let width = 720.0, height = 240.0, top = 10.0, bottom = 26.0

    package var html: HTML {
        let axis = Axis(upTo: Int64(points.map(\.count).max() ?? 0))
        let labels = axis.steps.map { number(Int($0)) }
        let left = 14 + 7 * Double(labels.map(\.count).max() ?? 0)
        let right = Self.width - 50, base = Self.height - Self.bottom
        let slot = (right - left) / Double(max(points.count, 1))
        func y(_ share: Double) -> Double { base - share * (base - Self.top) }
        let n = Figure.number
        var parts: [HTML] = []
        for (value, label) in zip(axis.steps, labels) {
            let height = y(axis.share(value))
            parts.append(
                """
                <line class="\(value == 0 ? "zero" : "grid")" x1="\(n(left))" x2="\(n(right))" y1="\(n(height))" y2="\(n(height))"/>\
                <text class="amount" x="\(n(left - 6))" y="\(n(height + 4))">\(label)</text>
                """)
        }
        for share in [0, 500, 1_000] {
            parts.append(
                "<text class=\"share\" x=\"\(n(right + 6))\" y=\"\(n(y(Double(share) / 1_000) + 4))\">\(percent(share))</text>"
            )
        }
        var path = "M\(n(left)) \(n(y(1)))"
        for (index, point) in points.enumerated() {
            let x = left + slot * Double(index), height = y(axis.share(Int64(point.count)))
            if point.count > 0 {
                parts.append(
                    "<rect class=\"asked\" x=\"\(n(x + 4))\" width=\"\(n(slot - 8))\" y=\"\(n(height))\" height=\"\(n(base - height))\"/>"
                )
            }
            parts.append(
                "<text class=\"name\" x=\"\(n(x + slot / 2))\" y=\"\(n(Self.height - 8))\">\(point.label)</text>")
            path += "L\(n(x + slot)) \(n(y(Double(point.open) / 1_000)))"
        }
        parts.append("<path class=\"curve\" d=\"\(path)\"/>")
        let picture: HTML =
            "<svg viewBox=\"0 0 \(n(Self.width)) \(n(Self.height))\" aria-hidden=\"true\">\(parts)</svg>"
        let table = ChartTable(
            name: words.title,
            headings: [words.category, words.bars, words.curve],
            rows: points.map { [$0.name, number($0.count), percent($0.open)] })
        return Figure.html(
            title: words.title, summary: words.summary,
            legend: """
                <span class="legend"><span class="key asked"></span>\(words.bars) <span class="key curve"></span>\(words.curve)</span>
                """,
            picture: picture, tableTitle: words.table, table: table)
    }
}
