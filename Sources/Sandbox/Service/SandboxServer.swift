// The sandbox as its caller sees it: started on a socket, steered in process, stopped.
// The work is SandboxCore's; the HTTP side is SandboxResponder.

import LocalServer

/// A local 1ShotPay: its API, checkout page, payer, faults and clock, on a loopback socket.
///
/// ```swift
/// let sandbox = try await SandboxServer.start()
/// sandbox.addFault(Fault(on: .create, .status(503), times: 1))
/// // … point a client at sandbox.baseURL …
/// await sandbox.stop()
/// ```
/// The same controls are reachable over HTTP under `/sandbox/`.
package final class SandboxServer: Sendable {
    /// Where the sandbox is reached, such as `http://127.0.0.1:40123`; no trailing slash.
    package let baseURL: String
    /// The TCP port it is bound to.
    package var port: Int { server.port }
    /// The credentials that it accepts, among its other options.
    package var options: SandboxOptions { core.options }

    let core: SandboxCore
    private let keeper: Keeper
    private let server: LocalServer
    private let keeping: Task<Void, Never>?

    /// Starts a sandbox and returns once it accepts connections.
    /// - Throws: ``SandboxError``: `cannot_bind`, `state_unreadable` or `file_unwritable`.
    package static func start(_ options: SandboxOptions = SandboxOptions()) async throws(SandboxError) -> SandboxServer
    {
        var restored: StateFile?
        if let path = options.stateFile { restored = try StateFile.load(path) }
        return try await start(core: SandboxCore(options: options, restored: restored))
    }

    static func start(core: SandboxCore) async throws(SandboxError) -> SandboxServer {
        let options = core.options
        let keeper = try Keeper(core: core)
        // A state file that cannot be written is better known now than at the end.
        if options.stateFile != nil { try await keeper.saveFirst() }

        let responder = SandboxResponder(core: core)
        do throws(LocalServer.Failure) {
            let server = try await LocalServer.start(
                host: options.host, port: options.port, prepare: { try ReplyDateHandler.add(to: $0, core) },
                respond: { try await responder.respond(to: $0, with: $1, over: $2) })
            return SandboxServer(core: core, keeper: keeper, server: server)
        } catch {
            throw SandboxError(.cannotBind, error.message)
        }
    }

    private init(core: SandboxCore, keeper: Keeper, server: LocalServer) {
        self.core = core
        self.keeper = keeper
        self.server = server
        let host = core.options.host.contains(":") ? "[\(core.options.host)]" : core.options.host
        let reachable = host == "0.0.0.0" ? "127.0.0.1" : host == "[::]" ? "[::1]" : host
        let publicURL = core.options.publicBaseURL.map { String($0.hasSuffix("/") ? $0.dropLast() : $0[...]) }
        baseURL = publicURL ?? "http://\(reachable):\(server.port)"
        core.settle(baseURL: baseURL)
        keeping = keeper.hasFiles ? Task { await keeper.run() } : nil
    }

    deinit { keeping?.cancel() }

    /// Closes the socket and every connection, then writes the files. Safe to call twice.
    package func stop() async {
        keeping?.cancel()
        await server.stop()
        await keeping?.value
        await keeper.keep(saveNow: true)
    }

    /// Waits until the sandbox has stopped, for whatever reason.
    package func waitUntilStopped() async { await server.waitUntilStopped() }
}

// MARK: - Steering

extension SandboxServer {
    /// Adds a fault rule behind those in force, and returns its id.
    @discardableResult
    package func addFault(_ fault: Fault) -> Int { core.perform { interior, _ in interior.faults.add(fault) } }

    /// Removes every fault rule.
    package func clearFaults() { core.perform { interior, _ in interior.faults.clear() } }

    /// How many requests the rule of that id has struck; 0 when there is no such rule.
    package func strikes(ofFault id: Int) -> Int {
        core.perform { interior, _ in interior.faults.rules.first { $0.id == id }?.struck ?? 0 }
    }

    /// Moves the sandbox's clock on, or back when the duration is negative. Payments and expiries that fall due by it
    /// happen at once; payments that have happened stay, and a link is expired only while its expiry has passed.
    package func advance(by duration: Duration) { core.advance(by: duration) }

    /// The present instant by the sandbox's clock.
    package var now: SandboxInstant { core.perform { _, now in now } }

    /// Pays a link; `amount`, in micro-USDC, is the link's own unless given.
    ///
    /// `late` pays one that has expired or is archived, too; `count` pays a reusable one so many times at once, 1,000 at
    /// most; a payment that is not `shown` counts, but no reply tells of it until ``show(_:)``.
    /// - Throws: ``SandboxError`` (`refused`) for a link that is unknown, already paid, or (not `late`) archived or
    ///   expired.
    @discardableResult
    package func pay(
        _ id: String, amount: Int64? = nil, late: Bool = false, count: Int = 1, shown: Bool = true
    ) throws(SandboxError) -> SandboxLink {
        try change { interior, now throws(Refusal) in
            try interior.state.pay(id, amount: amount, late: late, count: count, shown: shown, now: now)
        }
    }

    /// Shows the payment that was made without being shown.
    /// - Throws: ``SandboxError`` (`refused`) for a link that is unknown or has no such payment.
    @discardableResult
    package func show(_ id: String) throws(SandboxError) -> SandboxLink {
        try change { interior, now throws(Refusal) in try interior.state.show(id, now: now) }
    }

    /// Lets the payer of a link choose its amount.
    /// - Throws: ``SandboxError`` (`refused`) for an unknown link.
    @discardableResult
    package func letPayerDefineAmount(_ id: String) throws(SandboxError) -> SandboxLink {
        try change { interior, now throws(Refusal) in try interior.state.letPayerDefineAmount(id, now: now) }
    }

    /// Archives a link, as its merchant can in the dashboard.
    /// - Throws: ``SandboxError`` (`refused`) for an unknown link.
    @discardableResult
    package func archive(_ id: String) throws(SandboxError) -> SandboxLink {
        try change { interior, now throws(Refusal) in try interior.state.archive(id, now: now) }
    }

    /// Marks a link as ignored by its requested payer.
    /// - Throws: ``SandboxError`` (`refused`) for an unknown link.
    @discardableResult
    package func ignore(_ id: String) throws(SandboxError) -> SandboxLink {
        try change { interior, now throws(Refusal) in try interior.state.ignore(id, now: now) }
    }

    /// Ends a link's life now.
    /// - Throws: ``SandboxError`` (`refused`) for an unknown link.
    @discardableResult
    package func expire(_ id: String) throws(SandboxError) -> SandboxLink {
        try change { interior, now throws(Refusal) in try interior.state.expire(id, now: now) }
    }

    /// Revokes every access token; the next call with one is refused with 401.
    package func revokeTokens() { core.perform { interior, _ in interior.state.revokeTokens() } }

    private func change(
        _ work: (inout SandboxCore.Interior, SandboxInstant) throws(Refusal) -> SandboxLink
    ) throws(SandboxError) -> SandboxLink {
        do {
            return try core.perform(work)
        } catch {
            throw SandboxError(.refused, error.message)
        }
    }
}

// MARK: - Looking

extension SandboxServer {
    /// Every link, in order of creation.
    package var links: [SandboxLink] { core.perform { interior, _ in interior.state.allLinks() } }

    /// How many links were published.
    package var linkCount: Int { core.perform { interior, _ in interior.state.linkCount } }

    /// The link of that id, or `nil`.
    package func link(_ id: String) -> SandboxLink? { core.perform { interior, _ in try? interior.state.link(id) } }

    /// The record so far, oldest entry first.
    package var record: [RecordEntry] { core.perform { interior, _ in interior.record.entries } }
}
