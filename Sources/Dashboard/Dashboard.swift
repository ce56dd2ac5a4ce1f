// The dashboard as its caller sees it: what it is given, started on a loopback socket, stopped.

package import Cron
package import Ledger
import LocalServer

/// A job's schedule, as the crontab has it.
package struct JobSchedule: Sendable, Hashable {
    package var job: String
    /// As cron writes it.
    package var expression: String
    package var zone: String
    /// The next slots, in the zone's local time: `2026-11-28T06:00:00+01:00`.
    package var next: [String]

    package init(job: String, expression: String, zone: String, next: [String]) {
        self.job = job
        self.expression = expression
        self.zone = zone
        self.next = next
    }
}

/// What the dashboard needs from whoever starts it.
package struct DashboardSources: Sendable {
    /// Whose links are shown.
    package var scope: LedgerScope
    /// Days begin at its midnight.
    package var zone: Zone
    /// Opens the ledger for the account; the text is recorded as the command of the run, if the run changes anything.
    package var open: @Sendable (_ command: String) throws(LedgerError) -> any LedgerStore
    /// Opens the record of jobs; `nil` where there is none.
    package var openJobs: (@Sendable () throws(LedgerError) -> any JobBook)?
    /// The jobs of the crontab.
    package var schedules: @Sendable () -> [JobSchedule]
    /// What an exit status means, for people.
    package var meaning: @Sendable (Int32) -> String
    /// Who decides what is decided here: a login name and a machine.
    package var person: String
    /// Whether anything may be decided here.
    package var allowsActions: Bool
    /// How long after a change of the ledger at most it is looked for.
    package var interval: Duration
    /// Unix seconds.
    package var now: @Sendable () -> Int64

    package init(
        scope: LedgerScope, zone: Zone,
        open: @escaping @Sendable (_ command: String) throws(LedgerError) -> any LedgerStore,
        openJobs: (@Sendable () throws(LedgerError) -> any JobBook)?,
        schedules: @escaping @Sendable () -> [JobSchedule],
        meaning: @escaping @Sendable (Int32) -> String, person: String, allowsActions: Bool, interval: Duration,
        now: @escaping @Sendable () -> Int64
    ) {
        self.scope = scope
        self.zone = zone
        self.open = open
        self.openJobs = openJobs
        self.schedules = schedules
        self.meaning = meaning
        self.person = person
        self.allowsActions = allowsActions
        self.interval = interval
        self.now = now
    }
}

/// Pages about a ledger, served to browsers of this machine that know the token.
package final class Dashboard: Sendable {
    /// Where it is reached, with the token.
    package let address: String
    private let server: LocalServer
    private let follower: LedgerFollower

    /// Returns once it is served.
    /// - Parameter port: 0 takes a free one.
    /// - Throws: `LedgerError` when the ledger cannot be opened, ``LocalServer/Failure`` when the port cannot be used.
    package static func start(_ sources: DashboardSources, port: Int) async throws -> Dashboard {
        let token = AccessToken()
        let follower = try LedgerFollower(sources)
        let responder = try DashboardResponder(sources, follower, token)
        let server = try await LocalServer.start(
            host: "127.0.0.1", port: port,
            respond: { request, writer, _ in try await responder.respond(to: request, with: writer) })
        follower.start()
        return Dashboard(address: "http://127.0.0.1:\(server.port)/\(token.text)/", server, follower)
    }

    private init(address: String, _ server: LocalServer, _ follower: LedgerFollower) {
        (self.address, self.server, self.follower) = (address, server, follower)
    }

    package func stop() async {
        await follower.stop()
        await server.stop()
    }

    package func waitUntilStopped() async { await server.waitUntilStopped() }
}
