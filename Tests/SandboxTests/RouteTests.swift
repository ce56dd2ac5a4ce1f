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
