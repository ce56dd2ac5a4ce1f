// Which part of the sandbox a method and path mean. Pure: no state, no request body.
// Locales and endpoints are checked here; ids are checked by whoever looks them up.

/// The meaning of a request's method and path.
enum Route: Sendable, Equatable {
    /// A call of the machine-to-machine API; the id is the path's for `get`.
    case api(Fault.Endpoint, id: String)
    case agent(id: String)
    case index
    case page(Locale, id: String)
    case pageState(Locale, id: String)
    case pagePay(Locale, id: String)
    case control(ControlCall)
    case methodNotAllowed(allow: String)
    case notFound

    /// The languages of the checkout page.
    enum Locale: String, Sendable, CaseIterable {
        case en, es, tr
    }

    init(method: String, path: String) {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        if segments.count > 1, segments.last == "" { segments.removeLast() }  // one trailing slash is forgiven
        // A page can be asked for with HEAD wherever GET is allowed.
        let reading = method == "GET" || method == "HEAD"

        func allow(_ wanted: String, _ route: Route) -> Route {
            if wanted == method || (wanted == "GET" && reading) { return route }
            return .methodNotAllowed(allow: wanted == "GET" ? "GET, HEAD" : wanted)
        }

        switch segments.count {
        case 1 where segments[0].isEmpty: self = allow("GET", .index)
        case 4 where segments[0...2] == ["api", "m2m", "v0"] && segments[3] == "token":
            self = allow("POST", .api(.token, id: ""))
        case 4 where segments[0...2] == ["api", "m2m", "v0"] && segments[3] == "links":
            self = allow("POST", .api(.create, id: ""))
        case 5 where segments[0...3] == ["api", "m2m", "v0", "links"]: self = allow("GET", .api(.get, id: segments[4]))
        case 3 where segments[0] == "api" && segments[1] == "link": self = allow("GET", .agent(id: segments[2]))
        case 3 where segments[1] == "link":
            guard let locale = Locale(rawValue: segments[0]) else { self = .notFound; return }
            self = allow("GET", .page(locale, id: segments[2]))
        case 4 where segments[1] == "link" && segments[3] == "state":
            guard let locale = Locale(rawValue: segments[0]) else { self = .notFound; return }
            self = allow("GET", .pageState(locale, id: segments[2]))
        case 4 where segments[1] == "link" && segments[3] == "pay":
            guard let locale = Locale(rawValue: segments[0]) else { self = .notFound; return }
            self = allow("POST", .pagePay(locale, id: segments[2]))
        case 2... where segments[0] == "sandbox":
            self = ControlCall.route(method: method, segments: Array(segments.dropFirst()))
        default: self = .notFound
        }
    }
}
