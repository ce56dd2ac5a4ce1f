// Text that is HTML. Whatever is interpolated into it is escaped unless it is HTML itself,
// so that forgetting to escape is not possible.

/// A piece of HTML.
///
/// ```swift
/// let page: HTML = "<p title=\"\(title)\">\(text)</p>"   // both escaped
/// ```
package struct HTML: ExpressibleByStringInterpolation, Sendable {
    package var text: String

    /// Text that is HTML, CSS or JavaScript already and comes from the source code.
    package init(trusted text: String) { self.text = text }

    package init(stringLiteral text: String) { self.text = text }

    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    /// Pieces one behind the other.
    package init(_ pieces: [HTML]) { text = pieces.map(\.text).joined() }

    /// Nothing, or the piece that a condition asks for.
    package static func when(_ condition: Bool, _ piece: @autoclosure () -> HTML) -> HTML { condition ? piece() : "" }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 32)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }
        package mutating func appendInterpolation(_ html: HTML) { text += html.text }
        package mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { text += piece.text } }
        package mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        package mutating func appendInterpolation(_ plain: String) {
            for scalar in plain.unicodeScalars {
                switch scalar {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
