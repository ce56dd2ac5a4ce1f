// Waits against a live server. The rules themselves are tested in simulated time, in PollingTests.

import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import OneShotPay

@Suite struct WaitLiveTests {
    @Test func fetchesFirstAndSucceedsOnlyWhenPaid() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.paid)] }
        try await Live.with(server) { client in
            let link = try await client.waitForPayLinkPayment(Live.id, timeout: .zero)
            #expect(link.status == .paid && server.gets.count == 1)
        }
    }

    @Test func timesOutWithTheLastStateSeen() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            let error = await Live.failure { () async throws(OneShotPayError) in
                try await client.waitForPayLinkPayment(Live.id, timeout: .milliseconds(800))
            }
            #expect(error?.code == .timeout && error?.link?.status == .active && (1...2).contains(server.gets.count))
        }
    }

    @Test(arguments: [
        (Reply.json(Sample.json(status: "2")), OneShotPayError.Code.expired),
        (Reply.json(Sample.json(extra: #","archived":true"#)), .archived),
        (Reply.json(Sample.json(extra: #","ignoredByRequestedPayer":true"#)), .ignored), (Reply.status(404), .notFound),
        (Reply.status(401), .unauthorized),
    ])
    func endsWhenItCannotBePaid(reply: String, code: OneShotPayError.Code) async throws {
        let server = try await FaultServer.start { _ in [.send(reply)] }
        try await Live.with(server) { client in
            let error = await Live.failure { () async throws(OneShotPayError) in
                try await client.waitForPayLinkPayment(Live.id)
            }
            #expect(error?.code == code)
            if code == .expired { #expect(error?.link?.status == .expired) }
        }
    }

    @Test func aPaidStateNeedsNoRequest() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.paid)] }
        try await Live.with(server) { client in
            let known = try Sample.link(Sample.paid())
            #expect(try await client.waitForPayLinkPayment(known.id, known: known).status == .paid)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func keepsTheCheckoutPageOfTheKnownLink() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.paid)] }
        try await Live.with(server) { client in
            var known = try Sample.link(Sample.json())
            known.page.closeOnComplete = true
            known.page.locale = .turkish
            let link = try await client.waitForPayLinkPayment(known.id, known: known)
            #expect(link.url == "https://1shotpay.com/tr/link/\(Sample.id)?closeOnComplete=true")
        }
    }

    @Test func waitsForOneLinkShareTheirLooks() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.paid)] }
        try await Live.with(server) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<300 {
                    group.addTask { _ = try await client.waitForPayLinkPayment(Live.id, timeout: .seconds(30)) }
                }
                try await group.waitForAll()
            }
            // Who comes while a look is under way has the next one.
            #expect((1...20).contains(server.gets.count), "\(server.gets.count) looks")
        }
    }

    /// The look that they share is sent once, and each has its own checkout page.
    @Test func waitsThatShareALookKeepTheirCheckoutPages() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.paid)] }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let pages = [CheckoutLocale.spanish, .turkish].map { CheckoutPage(baseURL: "https://pay.test", locale: $0) }
        let urls = try await loop.submit { () -> EventLoopFuture<[String]> in
            let engine = try PayLinkEngine(
                configuration: Live.configuration(server), credentials: Credentials(userID: "m", apiToken: "t"),
                eventLoop: loop)
            let waits = pages.map { page in
                let promise = loop.makePromise(of: String.self)
                engine.wait(Live.id, page: page) { promise.completeWith($0.map(\.url).mapError { $0 }) }
                return promise.futureResult
            }
            let done = loop.makePromise(of: [String].self)
            EventLoopFuture.whenAllSucceed(waits, on: loop).assumeIsolated().whenComplete { result in
                engine.shutdown { done.completeWith(result) }
            }
            return done.futureResult
        }.get().get()
        #expect(urls == pages.map { $0.url(for: Live.id) })
        #expect(server.gets.count == 1)
        await server.stop()
        try await group.shutdownGracefully()
    }

    /// The fetch of a token would go on for an hour; the wait repeats its looks by itself, and keeps its time.
    @Test func aWaitDoesNotHangOnATokenThatIsNotToBeHad() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { _ in [.reset] }
        try await Live.with(
            server,
            {
                ($0.retry.baseDelay, $0.retry.maximumDelay) = (.seconds(3600), .seconds(3600))
                $0.timeouts.request = .seconds(3600)
            }
        ) { client in
            let error = await Live.failure { () async throws(OneShotPayError) in
                try await client.waitForPayLinkPayment(Live.id, timeout: .milliseconds(300))
            }
            #expect(
                error?.code == .unreachable && error?.cause?.contains("access token") == true,
                "\(String(describing: error))")
        }
    }

    @Test func aWaitDoesNotHangOnAServerThatSaysNothing() async throws {
        let server = try await FaultServer.start { _ in [] }
        try await Live.with(server, { $0.timeouts.request = .seconds(3600) }) { client in
            let error = await Live.failure { () async throws(OneShotPayError) in
                try await client.waitForPayLinkPayment(Live.id, timeout: .milliseconds(100))
            }
            #expect(error?.code == .unreachable && error?.link == nil)
        }
    }

    @Test func cancellationEndsAWait() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            let task = Task {
                await Live.failure { () async throws(OneShotPayError) in try await client.waitForPayLinkPayment(Live.id)
                }
            }
            while server.gets.isEmpty { await Task.yield() }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
        }
    }

    @Test func shutdownEndsWaits() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            let tasks = (0..<10).map { _ in
                Task {
                    await Live.failure { () async throws(OneShotPayError) in
                        try await client.waitForPayLinkPayment(Live.id)
                    }
                }
            }
            while server.gets.isEmpty { await Task.yield() }
            await client.shutdown()
            for task in tasks { #expect(await task.value?.code == .shutDown) }
        }
    }

    /// A hundred thousand parked waits: one look each may be under way, the rest is a queue.
    @Test func parksAHundredThousandWaits() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let ended = try await loop.submit { () -> EventLoopFuture<Int> in
            var configuration = OneShotPayConfiguration()
            configuration.baseURL = "http://127.0.0.1:1"
            configuration.pollingRate = 0.001
            let engine = try PayLinkEngine(
                configuration: configuration, credentials: Credentials(userID: "m", apiToken: "t"), eventLoop: loop)
            var ended = 0
            let promise = loop.makePromise(of: Int.self)
            for number in 0..<100_000 {
                let id = PayLinkID(high: 1, low: UInt64(number))
                let call = engine.wait(id) { _ in ended += 1 }
                if number % 2 == 0 { call.cancel() }
            }
            engine.shutdown { promise.succeed(ended) }
            return promise.futureResult
        }.get().get()
        #expect(ended == 100_000)
        try await group.shutdownGracefully()
    }
}
