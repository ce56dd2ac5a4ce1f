// A server that closes kept connections without announcing it: no request may be sent into one that is closed already.

import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import OneShotPay

/// How a server closes after its reply.
struct UnannouncedClose: Sendable, CustomTestStringConvertible {
    /// The newest version of TLS that it speaks; `nil`: plain text.
    var tls: TLSVersion?
    /// How long after the reply, so that the client has read that.
    var pause: TimeAmount
    /// Microseconds that the client takes before its next request.
    var rest: UInt32

    var testDescription: String {
        "\(tls.map { "\($0)" } ?? "plain"), \(pause.nanoseconds / 1_000_000) ms after the reply, \(rest / 1_000) ms to the next"
    }
}

@Suite struct KeptConnectionTests {
    /// The client's loop is kept from noticing the close, so that only the look at the socket before its next use can
    /// tell: with a close of TCP, or with TLS the server's notice of it.
    @Test(arguments: [
        // The kernel may hand over a close of TCP a moment after it was made.
        UnannouncedClose(tls: nil, pause: .zero, rest: 5_000), UnannouncedClose(tls: nil, pause: .zero, rest: 50_000),
        UnannouncedClose(tls: nil, pause: .milliseconds(5), rest: 5_000),
        UnannouncedClose(tls: .tlsv13, pause: .zero, rest: 0),
        UnannouncedClose(tls: .tlsv13, pause: .milliseconds(5), rest: 0),
        UnannouncedClose(tls: .tlsv12, pause: .zero, rest: 0),
        UnannouncedClose(tls: .tlsv12, pause: .milliseconds(5), rest: 0),
    ])
    func aClosedKeptConnectionCostsNothing(_ close: UnannouncedClose) async throws {
        let certificates = try close.tls.map { _ in try Certificates(name: "localhost") }
        let server = try await FaultServer.start(tls: certificates?.context(maximum: close.tls)) { _ in
            [.send(Reply.link), close.pause == .zero ? .close : .closeAfter(close.pause)]
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let configuration = Live.configuration(server) {
            $0.retry = .never
            guard let certificates else { return }
            $0.baseURL = "https://localhost:\(server.port)"
            $0.caFile = certificates.authority
        }
        let outcomes = try await loop.submit { () -> EventLoopFuture<[String]> in
            let engine = try PayLinkEngine(
                configuration: configuration, credentials: Credentials(userID: "m", apiToken: "t"), eventLoop: loop)
            let promise = loop.makePromise(of: [String].self)
            var outcomes: [String] = []
            func next() {
                engine.create(Live.terms) { result in
                    switch result {
                    case .success(let link): outcomes.append(link.id.description)
                    case .failure(let error): outcomes.append(error.description)
                    }
                    guard case .success = result, outcomes.count < 30 else {
                        return engine.shutdown { promise.succeed(outcomes) }
                    }
                    // Blocks this loop on purpose.
                    while (close.tls == nil ? server.closed : server.closing) < outcomes.count { sched_yield() }
                    usleep(close.rest)
                    next()
                }
            }
            next()
            return promise.futureResult
        }.get().get()
        #expect(outcomes == [String](repeating: Sample.id, count: 30))
        await server.stop()
        try await group.shutdownGracefully()
    }
}
