// The rules of repeating and redirecting, as tables.

import HTTPTransport
import OneShotPay
import TestSupport
import Testing

@testable import Scripting

@Suite struct HTTPRuleTests {
    @Test(arguments: [
        ("shop.example", "shop.example.", true), ("shop.example.", "shop.example", true),
        ("Shop.Example.:8443", "shop.example", true), ("*.shop.example.", "a.shop.example.", true),
        ("*.shop.example", "shop.example.", false), ("bücher.example", "xn--bcher-kva.example", true),
        ("xn--bcher-kva.example", "BÜCHER.example.", true), ("*.bücher.example", "a.xn--bcher-kva.example", true),
        ("bücher.example", "bucher.example", false),
    ])
    func aHostIsAllowedHoweverItIsWritten(rule: String, host: String, expected: Bool) throws {
        var access = NetworkAccess()
        try access.allow(rule)
        #expect(access.allows(host, port: 8443) == expected)
    }

    @Test func aHostThatCannotBeIsNoRule() {
        var access = NetworkAccess()
        let problem = #expect(throws: NetworkAccess.Problem.self) { try access.allow("☃.example") }
        #expect(problem?.description.contains("☃") == true)
    }

    @Test(
        arguments: [
            (.status(429), true, true), (.status(503), true, true), (.status(500), false, true),
            (.status(502), false, true),
            (.status(504), false, true), (.status(408), false, true), (.status(400), false, false),
            (.status(404), false, false),
            (.status(501), false, false), (.status(302), false, false),
            (.failure(.connectFailed, bytesSent: false), true, true),
            (.failure(.resolveFailed, bytesSent: false), true, true),
            (.failure(.timeout, bytesSent: false), true, true), (.failure(.timeout, bytesSent: true), false, true),
            (.failure(.connectionLost, bytesSent: true), false, true),
            (.failure(.badReply, bytesSent: true), false, true),
            (.failure(.tlsFailed, bytesSent: false), false, false),
            (.failure(.cancelled, bytesSent: false), false, false),
            (.failure(.invalidRequest, bytesSent: false), false, false),
            (.failure(.replyTooLarge, bytesSent: true), false, false),
        ] as [(RetryRule.Outcome, Bool, Bool)])
    func repeatsOnlyWhatCannotHaveHadAnEffect(_ outcome: RetryRule.Outcome, _ always: Bool, _ ifRepeatable: Bool) {
        #expect(RetryRule.permits(outcome, isRepeatable: false) == always)
        #expect(RetryRule.permits(outcome, isRepeatable: true) == ifRepeatable)
    }

    @Test(arguments: [
        ("https://other.example/x?y#z", "https://other.example/x?y"), ("//other.example/x", "https://other.example/x"),
        ("/c", "https://shop.example/c"), ("c", "https://shop.example/a/c"), ("?c=d", "https://shop.example/a/b?c=d"),
        ("../c", "https://shop.example/c"), ("../../../c", "https://shop.example/c"),
        ("./c/./d/", "https://shop.example/a/c/d/"),
        ("c/..", "https://shop.example/a/"), ("#f", "https://shop.example/a/b?q=1"),
        ("c?u=/../x", "https://shop.example/a/c?u=/../x"),
    ])
    func referencesAreResolved(_ reference: String, _ expected: String) throws {
        let base = try WebAddress(parsing: "https://shop.example/a/b?q=1")
        #expect(RedirectRule.resolve(reference, against: base) == expected)
    }

    private func request(_ method: String = "POST", _ url: String = "https://shop.example/a") throws -> ScriptRequest {
        var request = ScriptRequest(method: method, address: try WebAddress(parsing: url))
        request.headers = [
            .init(name: "Authorization", value: "Bearer x", isSecret: true), .init(name: "Cookie", value: "c"),
            .init(name: "X-Key", value: "k", isSecret: true), .init(name: "Content-Type", value: "text/plain"),
            .init(name: "Accept", value: "*/*"), .init(name: "webhook-extra", value: "1"),
        ]
        request.body = [1]
        request.signing = .init(signature: try WebhookSignature(secrets: [1]), id: "a")
        return request
    }

    @Test(arguments: [
        ("POST", 301, "GET", false), ("POST", 302, "GET", false), ("POST", 303, "GET", false),
        ("POST", 307, "POST", true),
        ("POST", 308, "POST", true), ("PUT", 302, "PUT", true), ("PUT", 303, "GET", false), ("HEAD", 303, "HEAD", true),
    ])
    func methodsChangeAsTheStandardHasIt(_ method: String, _ status: Int, _ next: String, _ keepsBody: Bool) throws {
        let followed = try RedirectRule.next(after: try request(method), status: status, location: "/b")
        #expect(
            followed.method == next && (followed.body != nil) == keepsBody && (followed.signing != nil) == keepsBody)
        #expect(followed.hasHeader("authorization") && followed.hasHeader("content-type") == keepsBody)
    }

    @Test(arguments: ["https://other.example/b", "https://shop.example:8443/b", "//shop.example.evil.example/"])
    func credentialsStayWithTheirHost(_ location: String) throws {
        let followed = try RedirectRule.next(after: try request(), status: 307, location: location)
        #expect(followed.headers.map(\.name) == ["Content-Type", "Accept"])
        #expect(followed.signing == nil && followed.body == [1])
    }

    @Test(arguments: [
        ("http://shop.example/b", "plain http"), ("https://u:p@shop.example/", "user name"), ("", "no address"),
        ("ftp://shop.example/", "does not begin"), ("/a b", "space"), ("https:///x", "no host"),
        ("javascript:alert(1)", "does not begin"),
    ])
    func badRedirectsAreRefused(_ location: String, _ why: String) throws {
        let request = try request()
        let refusal = #expect(throws: RedirectRule.Refusal.self) {
            try RedirectRule.next(after: request, status: 302, location: location)
        }
        #expect(refusal?.message.contains(why) == true, "\(String(describing: refusal))")
    }

    @Test func aSecretBodyDoesNotTravelOn() throws {
        var request = try request()
        request.hasSecretBody = true
        let secret = request
        #expect(throws: RedirectRule.Refusal.self) {
            try RedirectRule.next(after: secret, status: 307, location: "https://other.example/")
        }
        #expect(try RedirectRule.next(after: secret, status: 303, location: "https://other.example/").body == nil)
    }

    @Test func queriesAndFormsAreEncoded() {
        let pairs = [
            ("a b", SecretText(bytes: Array("1&2=ü+".utf8), isSecret: false)),
            ("c", SecretText(bytes: [], isSecret: true)),
        ]
        #expect(String(decoding: PercentEncoding.pairs(pairs), as: UTF8.self) == "a%20b=1%262%3D%C3%BC%2B&c=")
        #expect(
            String(decoding: PercentEncoding.pairs(pairs, isForm: true), as: UTF8.self) == "a+b=1%262%3D%C3%BC%2B&c=")
    }
}
