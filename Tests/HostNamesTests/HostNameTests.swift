// Names beyond ASCII: what becomes of them, and what is said of those that cannot be.

import Testing

@testable import HostNames

@Suite struct HostNameTests {
    @Test(arguments: [
        ("example.com", "example.com"), ("EXAMPLE.com.", "example.com."), ("", ""), ("*.x", "*.x"), ("a:b", "a:b"),
        ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.EXAMPLE", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("faß.de", "xn--fa-hia.de"),
        ("ΒΌΛΟΣ.gr", "xn--nxasmq6b.gr"), ("日本語。テスト", "xn--wgv71a119e.xn--zckzah"),
        ("café.example.", "xn--caf-dma.example."), ("ＡＢＣ.com", "abc.com"), ("a\u{AD}b.com", "ab.com"),
        ("xn--bcher-kva.ü", "xn--bcher-kva.xn--tda"),
    ])
    func becomesWhatDNSKnows(name: String, ascii: String) throws {
        let converted = try HostName.ascii(name)
        #expect(converted == ascii)
    }

    @Test(arguments: [
        ("☃.net", "\"☃\""), ("www.😀.example", "\"😀\""), ("-ü.example", "\"-ü\""), ("ab--ü.com", "\"ab--ü\""),
        ("a\u{200D}b.example", "\"aU+200Db\""), ("ü\u{202E}a.example", "U+202E"), ("x／y.example", "\"/\""),
        ("℀.example", "\"/\""), ("a\u{0}ü", "zero byte"), ("a:b.ü", "\":\""),
        (String(repeating: "ü", count: 64) + ".example", "üü"),
    ])
    func whatIsNoNameIsSaidWithItsLabel(name: String, shown: String) {
        let problem = #expect(throws: HostName.Problem.self) { try HostName.ascii(name) }
        #expect(problem?.description.contains(shown) == true, "\(String(describing: problem))")
    }

    @Test(arguments: [("a.b.", "a.b"), ("a.b", "a.b"), ("", ""), (".", "")])
    func theFinalDotIsTakenAway(name: String, plain: String) {
        #expect(HostName.withoutFinalDot(name) == plain)
    }
}
