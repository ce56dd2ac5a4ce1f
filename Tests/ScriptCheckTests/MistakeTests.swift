// Sixty seeded mistakes, in files that read as scripts: each is found on its line, and nothing besides.

import Testing

@testable import ScriptCheck

@Suite struct MistakeTests {
    /// One script of a file of mistakes. Its lines keep the numbers that they have in the file.
    struct Case: CustomTestStringConvertible, Sendable {
        var file: String
        var title: String
        var text: String
        /// As "12 unknown_option".
        var expected: [String]
        var testDescription: String { title }
    }

    @Test(arguments: cases("names_and_options") + cases("globals") + cases("structure"))
    func findsTheMistakeOnItsLineAndNothingElse(_ one: Case) {
        let found = CheckedScripts.check(one.text).map {
            "\($0.line) \($0.code.rawValue)\($0.severity == .warning ? "?" : "")"
        }
        #expect(found == one.expected, "\(one.file): \(one.title)\n\(CheckedScripts.check(one.text))")
    }

    @Test func thereAreSixty() {
        #expect(Self.cases("names_and_options").count == 30)
        #expect(Self.cases("globals").count == 15)
        #expect(Self.cases("structure").count == 15)
    }

    static func cases(_ file: String) -> [Case] {
        let bytes = CheckedScripts.read(CheckedScripts.folder + "/Mistakes/\(file).lua") ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        var cases: [Case] = []
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("-- case: ") {
                let blank = String(repeating: "\n", count: max(0, index - 1))
                cases.append(Case(file: file, title: String(line.dropFirst(9)), text: blank, expected: []))
            }
            guard !cases.isEmpty else { continue }
            cases[cases.count - 1].text += (cases[cases.count - 1].text.isEmpty ? "" : "\n") + line
            guard let mark = line.range(of: "--> ") else { continue }
            let codes = line[mark.upperBound...].split(separator: " ")
            cases[cases.count - 1].expected += codes.map { "\(index + 1) \($0)" }
        }
        return cases
    }
}

extension StringProtocol {
    /// Where a text begins and ends in this one.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
