// http.request and its kin, as scripts use them, against a server of the test's own.

import Glibc
import LuaRuntime
import NIOSSL
import OneShotPay
import Sandbox
import Testing

@testable import Scripting

@Suite struct HTTPScriptTests {
    /// Runs a script in which URL stands for the server's address.
    private func run(
        _ script: String, _ answer: @escaping @Sendable (RawRequest) -> RawReply = { _ in .ok("fine") },
        allowing: [String]? = nil, adjust: (inout ScriptRunner) -> Void = { _ in }
    ) async throws -> (run: ScriptRun, requests: [RawRequest]) {
        let server = try await RawServer.start(answer)
        let text = script.replacing("URL", with: server.url).replacing("PORT", with: "\(server.port)")
        let run = try await ScriptHarness.run(text) { runner in
            for host in allowing ?? ["127.0.0.1:\(server.port)"] { try? runner.options.network.allow(host) }
            runner.options.secrets = SecretScriptTests.source
            adjust(&runner)
        }
        let requests = server.requests
        await server.stop()
        return (run, requests)
    }

    @Test func aRequestGoesOutAsWritten() async throws {
        let (run, requests) = try await run(
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
        #expect(first.target == "/a?x=1&a%20c=%C3%BC%26&b=1&b=true" && first.body == #"{"list":[],"n":1}"#)
        #expect(first.headers["x-two"] == "a|b" && first.headers["content-type"] == "application/json")
        #expect(first.headers["user-agent"] == "paylink")
        #expect(requests[1].body == "a=1+2&b=1.5" || requests[1].body == "a=1+2&b=1.50", "\(requests[1].body)")
        #expect(requests[1].headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(requests[2].headers["content-type"] == "text/x" && requests[2].headers["user-agent"] == "me")
    }

    @Test func aReplyIsReadWithHeadersOfAnyCase() async throws {
        let (run, _) = try await run(
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
        let (run, _) = try await run(
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
            { $0.target == "/slow" ? .status(429, ["Retry-After: 7"]) : .status(500, [], #"{"why":"full"}"#) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func hostsThatWereNotAllowedAreRefused() async throws {
        let (run, requests) = try await run(
            """
            for _, url in ipairs{ "URL/", "http://localhost:PORT/", "http://127.0.0.1/", "https://shop.example/" } do
              local r, err = http.get(url)
              assert(r == nil and err.code == "not_allowed" and not err.sent and err.message:find("--allow-net=", 1, true), err)
            end
            local _, err = http.get("https://shop.example/x")
            assert(err.message:find("--allow-net=shop.example:443", 1, true), err.message)
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
        let (run, _) = try await run(
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
        let (run, requests) = try await run(
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
        let (run, requests) = try await run(
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
                    "X \(request.headers["x-key"] ?? "") \(request.headers["authorization"] ?? "") \(request.target) \(request.body)"
                return .status(request.target == "/fail" ? 400 : 200, ["X-Echo: hunter2-long"], echo)
            })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        let first = try #require(requests.first)
        #expect(first.headers["x-key"] == "k hunter2-long" && first.target == "/x?k=se%22cret%20two")
        #expect(
            first.headers["authorization"] == "Basic bWU6aHVudGVyMi1sb25n"
                && first.body == #"{"deep":["hunter2-long"]}"#)
        #expect(requests[1].body == "hunter2-long!" && requests[2].body == "a=hunter2-long")
        #expect(requests[3].headers["authorization"] == "Bearer hunter2-long")
    }

    @Test func retriesHappenOnlyOnRequestAndOnlyWhenHarmless() async throws {
        let script = """
            local function try(path, options) local r, err = http.post("URL" .. path, options) return r and r.status or err.code end
            assert(try("/busy", { retries = 2 }) == 200)
            assert(try("/lost") == "connection_lost")
            assert(try("/lost", { retries = 3 }) == "connection_lost")
            assert(try("/lost2", { retries = 3, sign = { secret = "k", id = "same" } }) == 200)
            assert(try("/lost3", { retries = 3, headers = { ["Idempotency-Key"] = "1" } }) == 200)
            local r = assert(http.get("URL/get", { retries = 1 }))
            """
        let (run, requests) = try await run(script) { request in
            switch request.target {
            case "/lost": .reset
            case "/busy": request.number == 0 ? .status(503, ["Retry-After: 0"]) : .ok()
            default: request.number % 2 == 1 ? .reset : .ok()
            }
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.count { $0.target == "/busy" } == 2 && requests.count { $0.target == "/lost" } == 2)
        let signed = requests.filter { $0.target == "/lost2" }
        #expect(Set(signed.compactMap { $0.headers["webhook-id"] }) == ["same"])
    }

    @Test func theTimeoutBoundsTheWholeCall() async throws {
        let (run, requests) = try await run(
            """
            local r, err = http.get("URL/quiet", { timeout = "2s", retries = 5 })
            assert(r == nil and err.code == "timeout" and err.sent and err.retryable, err)
            r, err = http.get("URL/later", { timeout = "5s", retries = 5 })
            assert(r == nil and err.code == "http_status" and err.status == 503 and err.retry_after == 60, err)
            """, { $0.target == "/quiet" ? .silence : .status(503, ["Retry-After: 60"]) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.count == 2)
    }

    @Test func redirectsAreFollowedOnlyWhenAsked() async throws {
        let (run, requests) = try await run(
            """
            local _, err = http.get("URL/1")
            assert(err.code == "http_status" and err.status == 302 and err.response.headers.location == "/2")
            local r = assert(http.get("URL/1", { redirects = 2, auth = { bearer = "t" } }))
            assert(r.body == "end" and r.url == "URL/3")
            _, err = http.get("URL/1", { redirects = 1 })
            assert(err.code == "redirect_refused" and err.sent and err.message:find("redirects = 1", 1, true), err)
            _, err = http.get("URL/away", { redirects = 1 })
            assert(err.code == "not_allowed" and err.sent and err.message:find("--allow-net=localhost:PORT", 1, true), err)
            r = assert(http.post("URL/see", { redirects = 1, json = {} }))
            """,
            { request in
                let port = request.headers["host"]?.split(separator: ":").last ?? ""
                return switch request.target {
                case "/1": .status(302, ["Location: /2"])
                case "/2", "/see": .status(303, ["Location: /3"])
                case "/away": .status(307, ["Location: http://localhost:\(port)/3"])
                default: .ok("end")
                }
            })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.filter { $0.target == "/3" && $0.headers["authorization"] != nil }.count == 1)
        #expect(requests.last?.method == "GET" && requests.last?.headers["content-type"] == nil)
    }

    @Test func credentialsDoNotFollowToAnotherHost() async throws {
        let (run, requests) = try await run(
            """
            local r = assert(http.get("URL/away", { redirects = 1, auth = { bearer = secret("KEY") }, headers = { ["X-Key"] = secret("KEY"), A = "1" } }))
            assert(r.url == "http://localhost:PORT/end")
            """,
            { request in
                let port = request.headers["host"]?.split(separator: ":").last ?? ""
                return request.target == "/away" ? .status(302, ["Location: http://localhost:\(port)/end"]) : .ok()
            }, allowing: ["127.0.0.1", "localhost"])
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.first?.headers["authorization"] == "Bearer hunter2-long")
        let last = try #require(requests.last)
        #expect(last.headers["authorization"] == nil && last.headers["x-key"] == nil && last.headers["a"] == "1")
    }

    @Test func repliesAreBounded() async throws {
        let big = String(repeating: "x", count: 1_100_000)
        let (run, _) = try await run(
            """
            local r, err = http.get("URL/")
            assert(r == nil and err.code == "reply_too_large" and err.sent, err)
            r = assert(http.get("URL/", { max_body = 2000000 }))
            assert(#r.body == 1100000)
            r, err = http.get("URL/", { max_body = 10 })
            assert(err.code == "reply_too_large")
            """, { _ in .ok(big) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func unreachableHostsAreNamed() async throws {
        let server = try await RawServer.start { _ in .ok() }
        let port = server.port
        await server.stop()
        let run = try await ScriptHarness.run(
            """
            local r, err = http.get("http://127.0.0.1:\(port)/x", { retries = 1 })
            assert(r == nil and err.code == "connect_failed" and not err.sent and err.retryable, err)
            assert(err.message:find("http.get: GET http://127.0.0.1:\(port)/x: 127.0.0.1:\(port) could not be reached", 1, true), err.message)
            r, err = http.get("http://no-such-host.invalid/")
            assert(r == nil and err.code == "resolve_failed" and not err.sent, err)
            """
        ) { try? $0.options.network.allow("*") }
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }

    @Test func certificateFaultsAreNamedAndTheCAFileHelps() async throws {
        let folder = try TestFolder()
        let script = """
            cd '\(folder.path)' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch \
            -keyout key.pem -out cert.pem -days 2 -subj '/CN=x' -addext 'subjectAltName=IP:127.0.0.1' >/dev/null 2>&1
            """
        try #require(system(script) == 0, "the openssl program is needed to make test certificates")
        let chain = try NIOSSLCertificate.fromPEMFile(folder.path + "/cert.pem").map(
            NIOSSLCertificateSource.certificate)
        let key = try NIOSSLPrivateKey(file: folder.path + "/key.pem", format: .pem)
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        let server = try await RawServer.start(tls: tls) { _ in .ok("safe") }
        let refused = try await ScriptHarness.run(
            """
            local r, err = http.post("https://127.0.0.1:\(server.port)/", { retries = 3 })
            assert(r == nil and err.code == "tls_failed" and not err.sent and not err.retryable, err)
            assert(err.message:find("not trusted", 1, true), err.message)
            r, err = http.get("https://localhost:\(server.port)/")
            assert(r == nil and err.code == "tls_failed", err)
            """
        ) { try? $0.options.network.allow("*") }
        #expect(refused.result == .finished(status: 0), "\(refused.result)")
        let trusted = try await ScriptHarness.run(
            """
            assert(assert(http.get("https://127.0.0.1:\(server.port)/")).body == "safe")
            """
        ) { runner in
            try? runner.options.network.allow("*")
            runner.configuration.caFile = folder.path + "/cert.pem"
        }
        #expect(trusted.result == .finished(status: 0), "\(trusted.result)")
        await server.stop()
    }

    @Test func aDryRunSendsNothing() async throws {
        let (run, requests) = try await run(
            """
            local r, err = http.get("URL/")
            assert(r == nil and err.code == "dry_run" and not err.sent, err)
            """, adjust: { $0.options.isDryRun = true })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.isEmpty)
    }

    @Test func manyRequestsRunSideBySideAndCanBeCancelled() async throws {
        let (run, requests) = try await run(
            """
            local urls = {}
            for i = 1, 200 do urls[i] = "URL/" .. i end
            local got = task.map(urls, { concurrency = 50 }, function(url) return assert(http.get(url)).body end)
            assert(#got == 200 and got[200] == "/200")
            local h = task.spawn(function() http.get("URL/quiet") end)
            sleep("20ms")
            h:cancel()
            local _, err = h:join()
            assert(err.code == "cancelled")
            task.spawn(function() http.get("URL/quiet") end)
            sleep("20ms")
            os.exit(0)
            """, { $0.target == "/quiet" ? .silence : .ok($0.target) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.count == 202)
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 999999 X\r\n\r\n",
    ])
    func nonsenseIsAnErrorNotACrash(_ reply: String) async throws {
        let (run, _) = try await run(
            """
            local r, err = http.get("URL/", { timeout = "5s" })
            assert(r == nil and err.sent and err.code, err)
            """, { _ in .text(reply) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }
}
