// Addresses of pictures, against what `new URL()` of the URL Standard says of them.

import Testing

@testable import Sandbox

@Suite struct WebURLTests {
    @Test(arguments: [
        "https://example.com", "https://example.com/a.png?x=1#y", "HTTP://EXAMPLE.com:8080/", "https://example.com:/",
        "https://example.com/größe/日本.png?q=ü#é", "https://bücher.example/ü.png", "https://日本語.jp/",
        "https://xn--bcher-kva.example/", "https://b%C3%BCcher.example/", "https://example.com/a b.png",
        "https://example.com/%20%zz%", "https://example.com/\"<>`{|}^\\", " \u{1}https://example.com/ \n",
        "https://exam\tple.com/", "https:example.com", "https:/example.com", "https:///example.com",
        "https:\\\\example.com\\a", "https://user:pass@example.com/", "https://u@v@example.com/", "https://[::1]/a",
        "https://[2001:db8::1]:443/", "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://1.2.3.4./",
        "https://4294967295/", "https://a_b.example/", "https://example.com:0/", "https://example.com:0065535/",
        "https://a.b-/", "https://1.2.3.com/", "https://example.com./", "https://ex%61mple.com/",
        "https://!$&'()*+,;=~/",
    ])
    func takesWhatNewURLTakes(_ text: String) { #expect(isWebURL(text)) }

    @Test(arguments: [
        "", "https:", "https://", "https:///", "/a.png", "example.com/a.png", "//example.com/", "https//example.com",
        "ftp://example.com/", "javascript:alert(1)", "data:image/png;base64,AA==", "blob:https://example.com/x",
        "https://exa mple.com/", "https://a%20b.example/", "https://a<b.example/", "https://a|b.example/",
        "https://a^b/", "https://a%b/", "https://%/", "https://%00/", "https://%ff/", "https://example.com:65536/",
        "https://example.com:x/", "https://example.com:-1/", "https://[::1/", "https://[::g]/", "https://[::1]x/",
        "https://[]/",
        "https://::1/", "https://256.1.1.1/", "https://1.2.3.4.5/", "https://4294967296/",
        "https://1.2.3.08/", "https://@/", "https://user@/", "https://:80/", "https://a\u{FFFD}b/",
        "https://a\u{2003}b/", "https://foo.0x7g.09/",
    ])
    func refusesWhatNewURLRefusesAndWhatIsNotOfTheWeb(_ text: String) { #expect(!isWebURL(text)) }

    /// What was sent is what the link says, and what the page shows is an attribute and nothing else.
    @Test func theTextStaysAsItWasSent() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            for sent in ["https://bücher.example/größe/日本 1.png?q=ü", "https://example.com/\\\"onerror=x'<>"] {
                let body = #"{"amount": 1, "description": "x", "reuseable": false, "mediaUrl": "\#(sent)"}"#
                let link = try await harness.create(body, token: token).json
                let kept = sent.replacing("\\\"", with: "\"")
                #expect(link?["mediaUrl"]?.stringValue == kept)
                let id = try #require(link?["id"]?.stringValue)
                #expect(try await harness.get(id, token: token).json?["mediaUrl"]?.stringValue == kept)
                let page = try await harness.client.send("GET", "/en/link/\(id)")
                let shown = kept.replacing("'", with: "&#39;").replacing("\"", with: "&quot;").replacing(
                    "<", with: "&lt;"
                )
                .replacing(">", with: "&gt;")
                #expect(page.text.contains("src=\"\(shown)\""), "\(page.text)")
            }
        }
    }
}
