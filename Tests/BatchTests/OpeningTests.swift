// A batch against a service that is not there: it gives up after its patience, and claims no key.

import Batch
import Ledger
import NIOCore
import NIOPosix
import OneShotPay
import Recorder
import Scripting
import Testing

@Suite struct BatchOpeningTests {
    /// A port on which nobody listens: one that was bound, and given back.
    private func freePort() async throws -> Int {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 1
        try await server.close()
        return port
    }

    @Test(arguments: [1, 16, 1024]) func givesEachRowUnderWayAllItsAttempts(_ concurrency: Int) throws {
        var configuration = OneShotPayConfiguration()
        BatchMaker.Settings(concurrency: concurrency).apply(to: &configuration)
        try configuration.validate()
        #expect(configuration.maximumConnections == concurrency)
        #expect(configuration.retry.maximumAttempts == 20)
        #expect(configuration.timeouts.call == .seconds(600))
        #expect(configuration.retry.quota >= max(100, concurrency * 20))
    }

    @Test func givesUpOnAServiceThatDoesNotAnswerOnce() async throws {
        let fixture = try Fixture("id,amount,description\na,1,Mug\nb,1,Mug\n")
        let orders = try fixture.check().orders
        let port = try await freePort()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let began = ContinuousClock.now
        let report = try await loop.flatSubmit {
            let promise = loop.makePromise(of: MakeReport.self)
            do {
                var configuration = OneShotPayConfiguration()
                configuration.baseURL = "http://127.0.0.1:\(port)"
                configuration.timeouts.call = .seconds(600)
                let credentials = try Credentials(userID: Fixture.scope.account, apiToken: "token")
                let links = try RecordedLinks.open(
                    configuration: configuration, credentials: credentials, ledger: .memory, command: "test", on: loop)
                let feed = RowFeed(orders, of: fixture.input)
                var settings = BatchMaker.Settings()
                settings.patience = .milliseconds(700)
                let maker = BatchMaker(links: links, feed: feed, total: 2, settings: settings) { _ in }
                maker.start { report in links.shutdown { promise.succeed(report) } }
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }.get()
        guard case .unreachable(let message)? = report.stop else {
            Issue.record("\(report)")
            return
        }
        #expect(message.contains("127.0.0.1"), "\(message)")
        #expect(report.done == 0 && report.unfinished == 0, "no row was begun")
        #expect(ContinuousClock.now - began < .seconds(20))
    }
}
