// What every chart has around its picture: a title, what its forms stand for, and its numbers as a table.

package import Pages

/// A chart's table: its numbers in words.
package struct ChartTable: Sendable {
    /// What it is called by whoever does not see where it stands.
    package var name: String
    package var headings: [String]
    package var rows: [[String]]

    package init(name: String, headings: [String], rows: [[String]]) {
        self.name = name
        self.headings = headings
        self.rows = rows
    }

    /// The first column names its row; the others are numbers.
    package var html: HTML {
        """
        <div class="wide" role="group" aria-label="\(name)" tabindex="0"><table aria-label="\(name)"><thead><tr>\(headings.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead><tbody>
        \(rows.map { row in "<tr><th scope=\"row\">\(row.first ?? "")</th>\(row.dropFirst().map { "<td>\($0)</td>" as HTML })</tr>\n" as HTML })\
        </tbody></table></div>
        """
    }
}

enum Figure {
    /// - Parameters:
    ///   - summary: what the picture shows, in a sentence, for whoever does not see it.
    ///   - tableTitle: on the table, which is folded.
    static func html(title: String, summary: String, legend: HTML, picture: HTML, tableTitle: String, table: ChartTable)
        -> HTML
    {
        """
        <figure>
        <figcaption>\(title)\(legend)</figcaption>
        <div class="picture" role="img" aria-label="\(summary)" tabindex="0">\(picture)</div>
        <details><summary>\(tableTitle)</summary>\(table.html)</details>
        </figure>

        """
    }

    /// A number of the picture, to a tenth of a unit.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0
            ? String(tenths / 10) : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }
}
