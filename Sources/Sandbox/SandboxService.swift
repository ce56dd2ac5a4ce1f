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

    /// Serves a request of the API.
    /// - Parameter headers: by their names in lower case.
    /// - Returns: status, headers and body of the reply.
    package func answer(
        method: String, path: String, headers: [String: String], body: [UInt8]
    ) -> (status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        guard case .api(let endpoint, let id) = Route(method: method, path: path) else { return (404, [], []) }
        let request = APIRequest(
            method: method, path: path, contentType: headers["content-type"],
            authorization: headers["authorization"], idempotencyKey: headers["idempotency-key"], body: body)
        let reply = core.answer(request, endpoint: endpoint, id: id).reply
        let date = core.perform { _, now in now.httpDate }
        return (reply.status, reply.headers + [("Date", date)], reply.body)
    }

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

    /// Archives a link. One that is unknown is none.
    package func archive(_ id: String) {
        core.perform { interior, now in _ = try? interior.state.archive(id, now: now) }
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
