// Tells a monitor of a job's runs, in the manner of healthchecks.io: an address for the start, the end and a failure.
// Whatever becomes of it, the job goes on as if there were none.

import Dispatch
package import HTTPTransport
import NIOCore
import NIOPosix

/// The pings of one run.
package final class JobPing: Sendable {
    package enum Moment: String, Sendable {
        case start = "/start"
        case success = ""
        case failure = "/fail"
    }

    /// All pings of a run together delay its end by no more than this.
    private static let limit = TimeAmount.seconds(10)

    private let address: String
    private let query: String
    private let loop: any EventLoop
    private let transport: NIOLoopBound<HTTPTransport>
    private let log: @Sendable (String) -> Void

    /// - Parameters:
    ///   - transport: which authorities are believed, and the way through proxies; without it nobody is told.
    ///   - log: told of a ping that did not arrive.
    package init?(
        _ address: String?, job: String, run: Int64, transport settings: HTTPTransport.Settings?,
        log: @escaping @Sendable (String) -> Void
    ) {
        guard let address, let settings else { return nil }
        self.address = address
        self.query = "run=\(run)&job=\(job)"
        self.log = log
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        self.loop = loop
        do {
            transport = try loop.submit {
                NIOLoopBound(HTTPTransport(settings: settings, eventLoop: loop), eventLoop: loop)
            }.wait()
        } catch {
            return nil
        }
    }

    /// Sends a ping without waiting for it.
    package func send(_ moment: Moment) { loop.execute { self.transmit(moment) {} } }

    /// Sends a ping and waits for its answer, ten seconds at most.
    package func finish(_ moment: Moment) {
        let done = DispatchSemaphore(value: 0)
        loop.execute { self.transmit(moment) { done.signal() } }
        _ = done.wait(timeout: .now() + .seconds(11))
    }

    private func transmit(_ moment: Moment, _ done: @escaping @Sendable () -> Void) {
        let text = Self.address(address, moment, query)
        guard let target = try? WebAddress(parsing: text) else { return done() }
        let request = HTTPRequest(address: target, headers: [(name: "User-Agent", value: "paylink")])
        transport.value.send(request, deadline: .now() + Self.limit) { result in
            switch result {
            case .success(let reply) where (200..<300).contains(reply.status): break
            case .success(let reply): self.log("the ping was answered with status \(reply.status)")
            case .failure(let failure): self.log("the ping did not arrive: \(failure.message)")
            }
            done()
        }
    }

    /// The address of a moment: its path goes on, its query is kept.
    static func address(_ base: String, _ moment: Moment, _ query: String) -> String {
        let plain = base.prefix { $0 != "#" }
        let parts = plain.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path = String(parts[0])
        if !moment.rawValue.isEmpty, path.hasSuffix("/") { path.removeLast() }
        let given = parts.count == 2 && !parts[1].isEmpty ? parts[1] + "&" : ""
        return path + moment.rawValue + "?" + given + query
    }
}
