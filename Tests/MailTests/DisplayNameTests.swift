// Names in headers, as two kinds of parsers read them: by the standard, and with a blank between encoded words.

import Foundation
import Testing

@testable import Mail

@Suite struct DisplayNameTests {
    static let names = [
        "Jürgen Groß", "Österreichische Gesellschaft für Müllabfuhr und Straßenreinigung GmbH & Co. KG",
        "Übergrößenträgerbekleidungsgeschäft Müßiggänger Söhne Gräfenhainichen",
        String(repeating: "ü", count: 80), "Anna " + String(repeating: "é", count: 60) + " Berg",
        "株式会社 日本語の長い名前のための試験用テキスト 東京支店 営業部 第一課",
        "Berg, " + String(repeating: "A", count: 70), String(repeating: "Plain ", count: 20) + "End", "two  blanks ä",
        "=?UTF-8?B?eA==?= and more words that are long enough to be folded somewhere", "\"Quoted\" Ünï (comment) <x>",
        "e\u{301}" + String(repeating: " e\u{301}e\u{301}", count: 20), "Zoë",
        "👩‍👩‍👧‍👦 Familie Müller aus Groß-Gerau bei Darmstadt in Hessen",
    ]

    static func field(_ name: String, _ header: String = "From") throws -> String {
        let text = HeaderText.quoted(name) + " <shop@shop.example>"
        return try HeaderText.addresses(header, [try MailAddress(parsing: text, field: "from")])
    }

    @Test(arguments: names)
    func bothKindsOfParsersShowTheName(_ name: String) throws {
        let text = try Self.field(name)
        for line in text.components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= (line.contains("=?UTF-8") ? 76 : 998), "\(line)")
        }
        let (standard, showing) = try Self.read(text)
        #expect(standard == name, "\(text)")
        // At worst it shows a second blank where one is, unless a word alone is too long.
        let longest = name.split(separator: " ").filter { !$0.allSatisfy(\.isASCII) }.map(\.utf8.count).max() ?? 0
        if longest <= 36 {
            let collapse = { (text: String) in text.split(separator: " ").joined(separator: " ") }
            #expect(collapse(showing) == collapse(name), "\(text)")
        }
    }

    @Test(arguments: ["From", "Reply-To"])
    func aNameThatFitsIsOneEncodedWord(_ header: String) throws {
        for name in ["Jürgen Groß", "Müller und Söhne Handelsgesellsch"] {
            #expect(try Self.field(name, header).components(separatedBy: "=?UTF-8").count == 2)
        }
    }

    /// Beside plain words the blank is one to everybody.
    @Test func plainWordsStayPlain() throws {
        let name = "Österreichische Gesellschaft für Müll, die Abfuhr und Straßen"
        let text = try Self.field(name)
        #expect(text.contains("?= Gesellschaft\r\n =?") && text.contains("?= die Abfuhr und =?"), "\(text)")
        let (standard, showing) = try Self.read(text)
        #expect(standard == name && showing.split(separator: " ").joined(separator: " ") == name)
    }

    /// By Python's old interface, which follows the standard, and by its new one.
    private static func read(_ field: String) throws -> (standard: String, showing: String) {
        try #require(access("/usr/bin/python3", X_OK) == 0, "/usr/bin/python3 is needed as an independent parser")
        let script = """
            import sys, json, email, email.policy, email.header, email.utils
            raw = sys.stdin.buffer.read()
            old = email.message_from_bytes(raw)
            name = email.utils.parseaddr(old['from'])[0]
            new = email.message_from_bytes(raw, policy=email.policy.default)
            print(json.dumps([str(email.header.make_header(email.header.decode_header(name))), new['from'].addresses[0].display_name]))
            """
        let process = Process(), input = Pipe(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data((field + "\r\nx").utf8))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let names = try #require(JSONSerialization.jsonObject(with: data) as? [String], "\(field)")
        return (names[0], names[1])
    }
}
