// The service without a socket: for simulated time, where a request is a call and the clock is somebody else's.

/// A 1ShotPay within the caller's process and time.
package final class SandboxService: Sendable {
    private let core: SandboxCore

    /// - Parameters:
    ///   - seed: what ids and hashes follow from.
    ///   - clock: the service's time.
    package init(
        _ options: SandboxOptions, seed: UInt64, baseURL: String, clock: @escaping @Sendable () -> SandboxInstant
    ) {
        core = SandboxCore(options: options, seed: seed, wall: clock)
        core.settle(baseURL: baseURL)
    }

    /// A reply, and the fault that it suffers on its way out; how it travels then is the caller's to carry out.
    package struct Answer: Sendable {
        package var status: Int
        package var headers: [(name: String, value: String)] = []
        package var body: [UInt8] = []
        package var fault: Fault?
    }

    /// Serves a request of the API.
    /// - Parameter headers: by their names in lower case.
    package func answer(method: String, path: String, headers: [String: String], body: [UInt8]) -> Answer {
        guard case .api(let endpoint, let id) = Route(method: method, path: path) else { return Answer(status: 404) }
        let request = APIRequest(
            method: method, path: path, contentType: headers["content-type"],
            authorization: headers["authorization"], idempotencyKey: headers["idempotency-key"], body: body)
        let exchange = core.answer(request, endpoint: endpoint, id: id)
        let (reply, date) = (exchange.reply, core.perform { _, now in now.httpDate })
        return Answer(
            status: reply.status, headers: reply.headers + [("Date", date)], body: reply.body, fault: exchange.fault)
    }

    /// Adds a rule that spoils replies.
    package func add(_ fault: Fault) { core.perform { interior, _ in _ = interior.faults.add(fault) } }

    /// Whether any rule is left that may spoil a reply.
    package var isFaulty: Bool { core.perform { interior, _ in interior.faults.mayStrike } }

    /// Removes every such rule.
    package func clearFaults() { core.perform { interior, _ in interior.faults.clear() } }

    /// Pays a link; see ``SandboxServer/pay(_:amount:late:count:shown:)``.
    /// - Throws: ``SandboxError`` (`refused`).
    @discardableResult
    package func pay(
        _ id: String, amount: Int64? = nil, late: Bool = false, count: Int = 1, shown: Bool = true
    ) throws(SandboxError) -> SandboxLink {
        try core.perform { interior, now throws(SandboxError) in
            do throws(Refusal) {
                return try interior.state.pay(id, amount: amount, late: late, count: count, shown: shown, now: now)
            } catch {
                throw SandboxError(.refused, error.message)
            }
        }
    }

    /// Shows the payment that was made without being shown.
    /// - Throws: ``SandboxError`` (`refused`).
    package func show(_ id: String) throws(SandboxError) {
        try core.perform { interior, now throws(SandboxError) in
            do throws(Refusal) { _ = try interior.state.show(id, now: now) } catch {
                throw SandboxError(.refused, error.message)
            }
        }
    }

    /// What may become of a link besides being paid.
    package enum Ending: Sendable {
        case archived, expired, ignored
    }

    /// Ends a link unpaid.
    /// - Throws: ``SandboxError`` (`refused`), as for one that is unknown.
    package func end(_ id: String, _ ending: Ending) throws(SandboxError) {
        try core.perform { interior, now throws(SandboxError) in
            do throws(Refusal) {
                switch ending {
                case .archived: _ = try interior.state.archive(id, now: now)
                case .expired: _ = try interior.state.expire(id, now: now)
                case .ignored: _ = try interior.state.ignore(id, now: now)
                }
            } catch {
                throw SandboxError(.refused, error.message)
            }
        }
    }

    /// Revokes every access token.
    package func revokeTokens() { core.perform { interior, _ in interior.state.revokeTokens() } }

    /// A link as a reply describes it; `nil` where there is none.
    package func wireForm(of id: String) -> [UInt8]? {
        core.perform { interior, now in
            guard let link = try? interior.state.link(id) else { return nil }
            return interior.wire.link(link, now: now).bytes
        }
    }

    /// Every link, in order of creation.
    package var links: [SandboxLink] { core.perform { interior, _ in interior.state.allLinks() } }
}
