// Which route a path is, and which Host and Origin are let in.
// Pure tables; over HTTP see ControlTests.

import Testing

@testable import Sandbox

@Suite struct RouteTests {
    @Test(
        arguments: [
            ("POST", "/api/m2m/v0/token", .api(.token, id: "")), ("POST", "/api/m2m/v0/links", .api(.create, id: "")),
            ("GET", "/api/m2m/v0/links/a", .api(.get, id: "a")), ("GET", "/api/link/a", .agent(id: "a")),
            ("GET", "/", .index), ("HEAD", "/tr/link/a", .page(.tr, id: "a")),
            ("GET", "/es/link/a/", .page(.es, id: "a")),
            ("POST", "/en/link/a/pay", .pagePay(.en, id: "a")), ("GET", "/en/link/a/state", .pageState(.en, id: "a")),
            ("POST", "/sandbox/pay/a", .control(.pay("a"))),
            ("DELETE", "/sandbox/faults/3", .control(.removeFault("3"))),
            ("GET", "/de/link/a", .notFound), ("GET", "/EN/link/a", .notFound),
            ("GET", "/api/m2m/v1/links/a", .notFound),
            ("GET", "/sandbox", .notFound), ("GET", "/sandbox/pay/a/b", .notFound),
            ("GET", "/api/m2m/v0/links", .methodNotAllowed(allow: "POST")),
            ("DELETE", "/api/m2m/v0/links/a", .methodNotAllowed(allow: "GET, HEAD")),
            ("GET", "/en/link/a/pay", .methodNotAllowed(allow: "POST")),
            ("PUT", "/sandbox/faults", .methodNotAllowed(allow: "GET, POST, DELETE")),
        ] as [(String, String, Route)])
    func findsTheRoute(method: String, path: String, route: Route) {
        #expect(Route(method: method, path: path) == route)
    }
}

@Suite struct OriginGuardTests {
    private func refusal(
        host: String?, origin: String? = nil, site: String? = nil, changes: Bool = true
    ) -> Int? {
        let guardian = OriginGuard(options: SandboxOptions(publicBaseURL: "https://pay.test:8443/x"))
        do {
            try guardian.check(host: host, origin: origin, fetchSite: site, changes: changes)
            return nil
        } catch {
            return error.status
        }
    }

    @Test(arguments: [
        "127.0.0.1:80", "localhost", "LOCALHOST:1", "a.localhost:3", "[::1]:80", "10.0.0.4:9", "pay.test:8443",
    ])
    func answersToAddressesAndItsOwnNames(host: String) {
        #expect(refusal(host: host) == nil)
        #expect(refusal(host: host, origin: "http://\(host)", site: "same-origin") == nil)
    }

    @Test(arguments: [
        nil, "", "evil.example", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3",
    ])
    func refusesForeignHosts(host: String?) {
        #expect(refusal(host: host, changes: false) == 421)
    }

    @Test(arguments: ["http://evil.example", "null", "http://127.0.0.1:81", "http://localhost:80", ""])
    func refusesChangesFromForeignOrigins(origin: String) {
        #expect(refusal(host: "127.0.0.1:80", origin: origin) == 403)
        #expect(refusal(host: "127.0.0.1:80", origin: origin, changes: false) == nil)
    }

    @Test(arguments: ["cross-site", "same-site"])
    func refusesChangesThatABrowserCallsCrossSite(site: String) {
        #expect(refusal(host: "127.0.0.1:80", site: site) == 403)
    }
}
