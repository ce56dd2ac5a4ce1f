// Which proxy a request takes, as the environment says.

import Testing

@testable import HTTPTransport

@Suite struct ProxyTests {
    @Test(
        arguments: [
            ([:], "https://a.com", nil), (["HTTPS_PROXY": "http://p:1"], "https://a.com", "p:1"),
            (["https_proxy": "p:1", "HTTPS_PROXY": "q:2"], "https://a.com", "p:1"),
            (["HTTPS_PROXY": "http://p:1"], "http://a.com", nil), (["http_proxy": "http://p:1"], "http://a.com", "p:1"),
            (["ALL_PROXY": "http://p:1"], "https://a.com", "p:1"),
            (["HTTP_PROXY": "http://p:1"], "http://a.com", "p:1"),
            (["HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"], "http://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "*"], "https://a.com", nil),
            (["https_proxy": "p:1", "NO_PROXY": "x.org, a.com"], "https://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "a.com"], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": ".a.com"], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "*.a.com"], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "a.com"], "https://ba.com", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "a.com:8443"], "https://a.com", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "a.com:8443"], "https://a.com:8443", nil),
            (["https_proxy": "p:1", "no_proxy": "::2,[::3]"], "https://[::3]", nil),
            (["https_proxy": "p:1", "no_proxy": "::2"], "https://[::2]", nil),
            (["https_proxy": "p:1", "no_proxy": "x.org\ta.com"], "https://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "x.org\na.com\r\n"], "https://a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "x.org,, ,\t a.com ,"], "https://A.com.", nil),
            (["https_proxy": "p:1", "no_proxy": "a.com."], "https://b.a.com", nil),
            (["https_proxy": "p:1", "no_proxy": "BÜCHER.example"], "https://www.xn--bcher-kva.example", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://10.255.0.1", nil),
            (["https_proxy": "p:1", "no_proxy": "10.1.2.3/8"], "https://10.255.0.1", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://11.0.0.1", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://10.example.com", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "172.16.0.0/12"], "https://172.31.255.255", nil),
            (["https_proxy": "p:1", "no_proxy": "172.16.0.0/12"], "https://172.32.0.0", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.1/32"], "https://10.0.0.1", nil),
            (["https_proxy": "p:1", "no_proxy": "0.0.0.0/0"], "https://8.8.8.8", nil),
            (["https_proxy": "p:1", "no_proxy": "0.0.0.0/0"], "https://[2001:db8::1]", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "2001:db8::/33"], "https://[2001:db8:7fff::1]", nil),
            (["https_proxy": "p:1", "no_proxy": "2001:db8::/33"], "https://[2001:db8:8000::1]", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "[2001:db8::]/32"], "https://[2001:DB8:0:0::1]", nil),
            (["https_proxy": "p:1", "no_proxy": "2001:db8:0::2"], "https://[2001:db8::2]", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8"], "https://[::ffff:10.0.0.1]", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8:8443"], "https://10.0.0.1:8443", nil),
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/8:8443"], "https://10.0.0.1", "p:1"),
            (["https_proxy": "p:1", "no_proxy": "[2001:db8::2]:8443"], "https://[2001:db8::2]:8443", nil),
            (["https_proxy": "p:1", "no_proxy": "0.0.1"], "https://9.0.0.1", "p:1"),
            // What means nothing excepts nothing, and spoils nothing beside it.
            (["https_proxy": "p:1", "no_proxy": "10.0.0.0/99,a.com:x,https://b.com,a.com"], "https://a.com", nil),
            (["https_proxy": "p:1", "http_proxy": "p:1"], "http://localhost:8080", nil),
            (["https_proxy": "p:1"], "https://localhost.", nil),
            (["https_proxy": "p:1"], "https://127.0.0.1", nil), (["https_proxy": ""], "https://a.com", nil),
        ] as [([String: String], String, String?)])
    func choosesTheProxy(environment: [String: String], address: String, proxy: String?) throws {
        let chosen = try ProxySettings(environment: environment).proxy(for: WebAddress(parsing: address))
        #expect(chosen?.description == proxy)
    }

    @Test func whatMeansNothingInNoProxyIsNamed() throws {
        let text = "10.0.0.0/33,a.com,https://b.com\n[::1,/8 c.com:0\t☃.example,*"
        let problems = try ProxySettings(environment: ["no_proxy": text]).problems
        let words = ["10.0.0.0/33", "https://b.com", "[::1", "/8", "c.com:0", "☃.example"]
        #expect(problems.count == words.count, "\(problems)")
        for (problem, word) in zip(problems, words) { #expect(problem.hasPrefix("\"\(word)\" ")) }
    }

    @Test func aBadProxyAddressIsNotRepeated() {
        let error = #expect(throws: ProxySettings.Problem.self) {
            try ProxySettings(environment: ["https_proxy": "http://user:hunter2@bad host"])
        }
        #expect(error?.description.contains("hunter2") == false && error?.description.contains("https_proxy") == true)
    }
}
