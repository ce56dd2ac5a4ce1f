// http.request and its kin, as scripts use them, against a server of the test's own.

import Glibc
import LuaRuntime
import NIOSSL
import OneShotPay
import Sandbox
import TestSupport
import Testing

@testable import Scripting

@Suite struct HTTPScriptTests {
    @Test func aRequestGoesOutAsWritten() async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            local r = assert(http.request{ method = "put", url = "URL/a?x=1#frag", query = { b = { 1, true }, ["a c"] = "ü&" },
              headers = { ["X-One"] = "1", ["X-Two"] = { "a", "b" } }, json = { n = 1, list = json.array() } })
            assert(r.status == 200 and r.ok and r.body == "fine" and r.url == "URL/a?x=1&a%20c=%C3%BC%26&b=1&b=true", r.url)
            assert(http.post("URL/f", { form = { a = "1 2", b = paylink.usd("1.50") } }))
            assert(http.post("URL/b", { body = "raw", headers = { ["content-type"] = "text/x", ["user-agent"] = "me" } }))
            assert(http.get("URL/g") and http.delete("URL/d") and http.patch("URL/p", { body = "" }))
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.map(\.method) == ["PUT", "POST", "POST", "GET", "DELETE", "PATCH"])
        let first = try #require(requests.first)
        #expect(first.path == "/a?x=1&a%20c=%C3%BC%26&b=1&b=true" && first.body == #"{"list":[],"n":1}"#)
        #expect(first.headers["x-two"] == "a|b" && first.headers["content-type"] == "application/json")
        #expect(first.headers["user-agent"] == "paylink")
        #expect(requests[1].body == "a=1+2&b=1.5" || requests[1].body == "a=1+2&b=1.50", "\(requests[1].body)")
        #expect(requests[1].headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(requests[2].headers["content-type"] == "text/x" && requests[2].headers["user-agent"] == "me")
    }

    @Test func aReplyIsReadWithHeadersOfAnyCase() async throws {
        let (run, _) = try await HTTPFixture.run(
            """
            local r = assert(http.get("URL/"))
            assert(r.headers["X-Thing"] == "a, b" and r.headers["x-thing"] == "a, b" and r.headers.none == nil)
            assert(r:json().n == 7)
            local ok, problem = pcall(function() return r.stauts end)
            assert(not ok and problem:find("did you mean 'status'", 1, true), problem)
            local h = assert(http.head("URL/"))
            assert(h.body == "" and h.status == 200)
            """,
            { request in
                request.method == "HEAD"
                    ? .text("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
                    : .status(200, ["X-Thing: a", "x-thing: b"], #"{"n":7}"#)
            })
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func aBadStatusIsAFailureUnlessAskedFor() async throws {
        let (run, _) = try await HTTPFixture.run(
            """
            local r, err = http.post("URL/ship?token=t", { json = {} })
            assert(r == nil and err.code == "http_status" and err.status == 500 and err.sent and err.retryable)
            assert(err.response.status == 500 and not err.response.ok and err.response:json().why == "full")
            assert(err.message:find("POST URL/ship: answered with status 500", 1, true) and not err.message:find("token", 1, true), err.message)
            r = assert(http.post("URL/ship", { any_status = true }))
            assert(r.status == 500 and not r.ok)
            local _, slow = http.get("URL/slow")
            assert(slow.status == 429 and slow.retry_after == 7)
            local done, problem = pcall(function() assert(http.post("URL/ship")) end)
            assert(not done and problem.code == "http_status")
            """,
            { $0.path == "/slow" ? .status(429, ["Retry-After: 7"]) : .status(500, [], #"{"why":"full"}"#) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func hostsThatWereNotAllowedAreRefused() async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            for _, url in ipairs{ "URL/", "http://localhost:PORT/", "http://127.0.0.1/", "https://shop.example/" } do
              local r, err = http.get(url)
              assert(r == nil and err.code == "not_allowed" and not err.sent and err.message:find("the right to reach ", 1, true), err)
            end
            local _, err = http.get("https://shop.example/x")
            assert(err.message:find("the right to reach shop.example:443", 1, true), err.message)
            """, allowing: [])
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.isEmpty)
    }

    @Test func theServiceItselfIsNoExceptionForHTTP() async throws {
        try await ScriptHarness.withSandbox { sandbox in
            let run = try await ScriptHarness.run(
                """
                local r, err = http.get("\(sandbox.baseURL)/")
                assert(r == nil and err.code == "not_allowed")
                """, sandbox: sandbox)
            #expect(run.result == .finished(status: 0), "\(run.result)")
        }
    }

    @Test(arguments: [
        ("ftp://x/", "invalid_request"), ("http://u:pw@127.0.0.1/", "invalid_request"),
        ("http:// x/", "invalid_request"),
        ("nonsense", "invalid_request"), ("http://127.0.0.1:99999/", "invalid_request"),
    ])
    func badAddressesAreValues(_ url: String, _ code: String) async throws {
        let (run, _) = try await HTTPFixture.run(
            """
            local r, err = http.get("\(url)")
            assert(r == nil and err.code == "\(code)" and not err.message:find("pw", 1, true), err)
            """, allowing: ["*"])
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test(arguments: [
        #"{ headers = { ["a\r\nb"] = "x" } }"#, #"{ headers = { a = "x\r\ny: z" } }"#, #"{ headers = { Host = "x" } }"#,
        #"{ headers = { ["Content-Length"] = "0" } }"#, #"{ headers = { a = "\xFF" } }"#, #"{ timeout = "soon" }"#,
        #"{ headers = { Authorization = "x" }, auth = { bearer = "y" } }"#,
        #"{ auth = { user = "a:b", password = "" } }"#,
        #"{ sign = { secret = "whsec_*", id = "a" } }"#, #"{ sign = { secret = "k", id = "a b" } }"#,
        #"{ json = { f = 0/0 } }"#,
    ])
    func badContentIsAValueAndNothingIsSent(_ options: String) async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            local r, err = http.post("URL/", \(options))
            assert(r == nil and err.code == "invalid_request" and not err.sent, err)
            """)
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.isEmpty)
    }

    @Test(arguments: [
        ("http.get()", "argument 1 (url) is missing"), ("http.request{}", "option 'url' is missing"),
        ("http.post('x', { jsn = 1 })", "did you mean 'json'"),
        ("http.get('x', { json = 1 })", "unknown option 'json'"),
        ("http.post('x', { json = 1, body = 'x' })", "one body"),
        ("http.post('x', { retries = 11 })", "between 0 and 10"),
        ("http.get('x', { max_body = 1 << 30 })", "between"),
        ("http.get('x', { headers = { 'x' } })", "names as its keys"),
        ("http.get('x', { auth = { usr = 'x' } })", "did you mean 'user'"),
        ("http.get('x', { auth = { user = 'x' } })", "auth.password must be"),
        ("http.post('x', { sign = { secret = 'x' } })", "sign.id must be"),
        ("http.get('x', { query = { a = print } })", "not a function"),
        ("http.fetch('x')", "http.fetch does not exist"),
    ])
    func misuseIsRaisedAtTheCaller(_ call: String, _ why: String) async throws {
        let run = try await ScriptHarness.run("\n" + call)
        #expect(
            run.failure?.message.hasPrefix("test.lua:2: ") == true && run.failure?.message.contains(why) == true,
            "\(run.result)")
    }

    @Test func secretsGoOutAndDoNotComeBack() async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            local key = secret("KEY")
            local r = assert(http.post("URL/x", { headers = { ["X-Key"] = "k " .. key }, query = { k = secret("OTHER") },
              auth = { user = "me", password = key }, json = { deep = { key } } }))
            assert(r.body == 'X k *** Basic *** /x?k=*** {"deep":["***"]}', r.body)
            assert(r.headers["x-echo"] == "***" and r.url == "URL/x?k=***", r.url)
            local _, err = http.post("URL/fail", { body = key .. "!" })
            assert(err.response.body:find("***!", 1, true) and not err.message:find("hunter2", 1, true))
            assert(http.post("URL/form", { form = { a = key } }))
            assert(http.post("URL/bearer", { auth = { bearer = key } }))
            """,
            { request in
                let echo =
                    "X \(request.headers["x-key"] ?? "") \(request.headers["authorization"] ?? "") \(request.path) \(request.body)"
                return .status(request.path == "/fail" ? 400 : 200, ["X-Echo: hunter2-long"], echo)
            })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        let first = try #require(requests.first)
        #expect(first.headers["x-key"] == "k hunter2-long" && first.path == "/x?k=se%22cret%20two")
        #expect(
            first.headers["authorization"] == "Basic bWU6aHVudGVyMi1sb25n"
                && first.body == #"{"deep":["hunter2-long"]}"#)
        #expect(requests[1].body == "hunter2-long!" && requests[2].body == "a=hunter2-long")
        #expect(requests[3].headers["authorization"] == "Bearer hunter2-long")
    }
}
