// http.request when something goes wrong, or elsewhere: retries, time limits, redirects, bounds, certificates.

import Glibc
import LuaRuntime
import NIOSSL
import OneShotPay
import Sandbox
import TestSupport
import Testing

@testable import Scripting

@Suite struct HTTPFaultScriptTests {
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
        let (run, requests) = try await HTTPFixture.run(script) { request in
            switch request.path {
            case "/lost": .reset
            case "/busy": request.number == 0 ? .status(503, ["Retry-After: 0"]) : .ok()
            default: request.number % 2 == 1 ? .reset : .ok()
            }
        }
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.count { $0.path == "/busy" } == 2 && requests.count { $0.path == "/lost" } == 2)
        let signed = requests.filter { $0.path == "/lost2" }
        #expect(Set(signed.compactMap { $0.headers["webhook-id"] }) == ["same"])
    }

    @Test func theTimeoutBoundsTheWholeCall() async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            local r, err = http.get("URL/quiet", { timeout = "2s", retries = 5 })
            assert(r == nil and err.code == "timeout" and err.sent and err.retryable, err)
            r, err = http.get("URL/later", { timeout = "5s", retries = 5 })
            assert(r == nil and err.code == "http_status" and err.status == 503 and err.retry_after == 60, err)
            """, { $0.path == "/quiet" ? .silence : .status(503, ["Retry-After: 60"]) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.count == 2)
    }

    @Test func redirectsAreFollowedOnlyWhenAsked() async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            local _, err = http.get("URL/1")
            assert(err.code == "http_status" and err.status == 302 and err.response.headers.location == "/2")
            local r = assert(http.get("URL/1", { redirects = 2, auth = { bearer = "t" } }))
            assert(r.body == "end" and r.url == "URL/3")
            _, err = http.get("URL/1", { redirects = 1 })
            assert(err.code == "redirect_refused" and err.sent and err.message:find("redirects = 1", 1, true), err)
            _, err = http.get("URL/away", { redirects = 1 })
            assert(err.code == "not_allowed" and err.sent and err.message:find("the right to reach localhost:PORT", 1, true), err)
            r = assert(http.post("URL/see", { redirects = 1, json = {} }))
            """,
            { request in
                let port = request.headers["host"]?.split(separator: ":").last ?? ""
                return switch request.path {
                case "/1": .status(302, ["Location: /2"])
                case "/2", "/see": .status(303, ["Location: /3"])
                case "/away": .status(307, ["Location: http://localhost:\(port)/3"])
                default: .ok("end")
                }
            })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.filter { $0.path == "/3" && $0.headers["authorization"] != nil }.count == 1)
        #expect(requests.last?.method == "GET" && requests.last?.headers["content-type"] == nil)
    }

    @Test func credentialsDoNotFollowToAnotherHost() async throws {
        let (run, requests) = try await HTTPFixture.run(
            """
            local r = assert(http.get("URL/away", { redirects = 1, auth = { bearer = secret("KEY") }, headers = { ["X-Key"] = secret("KEY"), A = "1" } }))
            assert(r.url == "http://localhost:PORT/end")
            """,
            { request in
                let port = request.headers["host"]?.split(separator: ":").last ?? ""
                return request.path == "/away" ? .status(302, ["Location: http://localhost:\(port)/end"]) : .ok()
            }, allowing: ["127.0.0.1", "localhost"])
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.first?.headers["authorization"] == "Bearer hunter2-long")
        let last = try #require(requests.last)
        #expect(last.headers["authorization"] == nil && last.headers["x-key"] == nil && last.headers["a"] == "1")
    }

    @Test func repliesAreBounded() async throws {
        let big = String(repeating: "x", count: 1_100_000)
        let (run, _) = try await HTTPFixture.run(
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
        let folder = try TemporaryFolder()
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
        let (run, requests) = try await HTTPFixture.run(
            """
            local r, err = http.get("URL/")
            assert(r == nil and err.code == "dry_run" and not err.sent, err)
            """, adjust: { $0.options.isDryRun = true })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.isEmpty)
    }

    @Test func manyRequestsRunSideBySideAndCanBeCancelled() async throws {
        let (run, requests) = try await HTTPFixture.run(
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
            """, { $0.path == "/quiet" ? .silence : .ok($0.path) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
        #expect(requests.count == 202)
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 999999 X\r\n\r\n",
    ])
    func nonsenseIsAnErrorNotACrash(_ reply: String) async throws {
        let (run, _) = try await HTTPFixture.run(
            """
            local r, err = http.get("URL/", { timeout = "5s" })
            assert(r == nil and err.sent and err.code, err)
            """, { _ in .text(reply) })
        #expect(run.result == .finished(status: 0), "\(run.result)")
    }
}
