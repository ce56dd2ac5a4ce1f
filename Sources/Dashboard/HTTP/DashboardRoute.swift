// The dashboard's addresses, behind the token.

/// What is asked for.
enum DashboardRoute: Equatable {
    case page(DashboardPage)
    case events
    case script
    case style
    /// Something is to be decided.
    case act

    /// - Parameter path: behind the token, without a slash at its beginning.
    init?(_ path: Substring) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts.first ?? "", parts.count) {
        case ("", 1): self = .page(.today)
        case ("links", 1): self = .page(.links)
        case ("doubt", 1): self = .page(.doubt)
        case ("jobs", 1): self = .page(.jobs)
        case ("times", 1): self = .page(.times)
        case ("events", 1): self = .events
        case ("live.js", 1): self = .script
        case ("style.css", 1): self = .style
        case ("act", 1): self = .act
        case ("links", 2):
            guard let row = Int64(parts[1]), row > 0 else { return nil }
            self = .page(.link(row))
        case ("jobs", 2):
            guard let id = Int64(parts[1]), id > 0 else { return nil }
            self = .page(.run(id))
        default: return nil
        }
    }
}

/// A page of the dashboard.
enum DashboardPage: Hashable, Sendable {
    case today, links, doubt, jobs, times
    /// A link's row.
    case link(Int64)
    /// A run of a job.
    case run(Int64)

    /// What is in the menu, in its order.
    static let menu: [DashboardPage] = [.today, .links, .doubt, .jobs, .times]

    /// Its address, behind the token.
    var path: String {
        switch self {
        case .today: ""
        case .links: "links"
        case .doubt: "doubt"
        case .jobs: "jobs"
        case .times: "times"
        case .link(let row): "links/\(row)"
        case .run(let id): "jobs/\(id)"
        }
    }

    /// Where it belongs in the menu.
    var section: DashboardPage {
        switch self {
        case .link: .links
        case .run: .jobs
        default: self
        }
    }
}
