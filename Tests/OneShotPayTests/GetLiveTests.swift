// Fetching links, and the deadlines, sizes and broken replies that every request meets.

import NIOCore
import TestSupport
import Testing

@testable import OneShotPay

@Suite struct GetLiveTests {
    @Test func fetchesALink() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.paid)] }
        try await Live.with(server) { client in
            let link = try await client.getPayLink(Live.id)
            #expect(link.status == .paid && server.gets.first?.path == "/api/m2m/v0/links/\(Sample.id)")
        }
    }

    @Test(arguments: [500, 502, 503, 408, 425, 429])
    func retriesTransientStatuses(status: Int) async throws {
        let server = try await FaultServer.start { request in
            [.send(request.number < 2 ? Reply.status(status) : Reply.link)]
        }
        try await Live.with(server) { client in
            _ = try await client.getPayLink(Live.id)
            #expect(server.gets.count == 3)
            #expect(await client.statistics().retries == 2)
        }
    }

    /// Time gives some of it back, so that no exact number can be expected.
    @Test func theRetriesOfAllCallsHaveOneQuota() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.status(503))] }
        try await Live.with(server, { $0.retry.quota = 3 }) { client in
            for _ in 0..<20 { _ = await Live.getFailure(client) }
            let retries = await client.statistics().retries
            #expect(retries >= 3 && retries < 40, "of 60 that the calls would have by themselves: \(retries)")
        }
    }

    @Test(arguments: [
        (404, OneShotPayError.Code.notFound), (400, .rejected), (403, .rejected), (302, .redirectRefused),
    ])
    func doesNotRetryFinalStatuses(status: Int, code: OneShotPayError.Code) async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.status(status))] }
        try await Live.with(server) { client in
            let error = await Live.getFailure(client)
            #expect(error?.code == code && error?.message.contains(Sample.id) == true && server.gets.count == 1)
        }
    }

    @Test func survivesATruncatedReply() async throws {
        let reply = Array(Reply.link.utf8)
        let server = try await FaultServer.start { request in
            [.send(Array(reply[..<min(request.number, reply.count)])), request.number < reply.count ? .close : .stall]
        }
        try await Live.with(
            server,
            {
                $0.retry.maximumAttempts = reply.count + 1; $0.retry.quota = 10_000; $0.retry.maximumDelay = .zero
            }
        ) { client in
            let link = try await client.getPayLink(Live.id)
            #expect(link.id == Live.id && server.gets.count == reply.count + 1)
        }
    }

    @Test func refusesTheLinkOfAnotherId() async throws {
        let server = try await FaultServer.start { _ in
            [.send(Reply.json(Sample.json(id: "01a3185c-5000-79cb-b3d3-000000000000")))]
        }
        try await Live.with(server, { $0.retry = .never }) { client in
            #expect(await Live.getFailure(client)?.code == .badReply)
        }
    }

    // MARK: HTTP

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nCHUNKED", "HTTP/1.0 200 OK\r\n\r\nBODY",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nBODY",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: LENGTH\r\n\r\nBODY",
        "HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh: LENGTH\r\nX: \r\n\r\nBODY",
    ])
    func readsEveryFormOfReply(form: String) async throws {
        let body = Sample.json()
        let half = body.utf8.count / 2
        let chunks = [body.prefix(half), body.dropFirst(half)].map {
            String($0.utf8.count, radix: 16) + ";ext=1\r\n" + $0 + "\r\n"
        }.joined()
        let reply = form.replacing("CHUNKED", with: chunks + "0\r\nTrailer: x\r\n\r\n").replacing("BODY", with: body)
            .replacing("LENGTH", with: "\(body.utf8.count)")
        let ends = form.contains("HTTP/1.0") || form.contains("close")
        let server = try await FaultServer.start { _ in [.send(reply)] + (ends ? [.close] : []) }
        try await Live.with(server, { $0.retry = .never }) { client in
            for _ in 0..<3 { try await Live.expectLink(client) }
            // The token's connection serves the first get; only a reply that ends its connection costs another.
            #expect(server.connections == (ends ? 3 : 1))
        }
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func refusesWhatIsNotHTTP(reply: String) async throws {
        let server = try await FaultServer.start { _ in [.send(reply), .stall] }
        try await Live.with(server, { $0.retry = .never }) { client in
            let error = await Live.getFailure(client)
            #expect(error?.code == .badReply && error?.bytesSent == true, "\(String(describing: error))")
        }
    }

    @Test func boundsTheReply() async throws {
        let large = String(repeating: "x", count: 10 << 20)
        for reply in [
            "HTTP/1.1 200 OK\r\nContent-Length: \(large.utf8.count)\r\n\r\n" + large,
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na00000\r\n" + large,
        ] {
            let server = try await FaultServer.start { _ in [.send(reply)] }
            try await Live.with(server) { client in
                let error = await Live.getFailure(client)
                #expect(error?.code == .replyTooLarge && server.gets.count == 1)
            }
        }
    }

    @Test func boundsTheHeaders() async throws {
        let header = "X-Filler: " + String(repeating: "y", count: 1_000) + "\r\n"
        let server = try await FaultServer.start { _ in
            [.send("HTTP/1.1 200 OK\r\n" + String(repeating: header, count: 200)), .stall]
        }
        try await Live.with(server, { $0.retry = .never }) { client in
            #expect(await Live.getFailure(client)?.code == .badReply)
        }
    }

    // MARK: Time

    @Test func aSilentServerRunsIntoTheIdleLimit() async throws {
        let server = try await FaultServer.start { _ in [.stall] }
        try await Live.with(
            server,
            {
                $0.retry = .never; $0.timeouts.idle = .seconds(1)
            }
        ) { client in
            let error = await Live.getFailure(client)
            #expect(error?.code == .timeout && error?.bytesSent == true && error?.retryable == true)
        }
    }

    @Test func aSlowServerRunsIntoTheTotalLimit() async throws {
        let server = try await FaultServer.start { _ in [.drip(Array(Reply.link.utf8), every: .milliseconds(20))] }
        try await Live.with(
            server,
            {
                $0.retry = .never; $0.timeouts.idle = .seconds(5); $0.timeouts.request = .seconds(1)
            }
        ) { client in
            #expect(await Live.getFailure(client)?.code == .timeout)
        }
    }

    @Test func aSlowTokenDoesNotOutliveTheCall() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { _ in [.stall] }
        try await Live.with(server, { $0.timeouts.call = .milliseconds(60) }) { client in
            let error = await Live.getFailure(client)
            #expect(error?.code == .timeout && error?.bytesSent == false && server.gets.isEmpty)
        }
    }

    @Test func retriesATimeoutOfAGet() async throws {
        let server = try await FaultServer.start { request in request.number == 0 ? [.stall] : [.send(Reply.link)] }
        try await Live.with(server, { $0.timeouts.idle = .seconds(1) }) { client in
            try await Live.expectLink(client)
        }
    }

    @Test func anIdleLimitCountsFromTheLastByte() async throws {
        let server = try await FaultServer.start { _ in
            [
                .drip(Array(Reply.link.utf8.prefix(30)), every: .milliseconds(50)),
                .send(Array(Reply.link.utf8.dropFirst(30))),
            ]
        }
        try await Live.with(
            server,
            {
                $0.retry = .never; $0.timeouts.idle = .seconds(1)
            }
        ) { client in
            try await Live.expectLink(client)
        }
    }

    // MARK: Cancellation

    @Test func cancellationEndsACallAndItsConnection() async throws {
        let server = try await FaultServer.start { _ in [.stall] }
        try await Live.with(server) { client in
            let task = Task { await Live.createFailure(client) }
            while server.creates.isEmpty { await Task.yield() }
            task.cancel()
            let error = await task.value
            #expect(error?.code == .cancelled && error?.possibleOrphans == 1 && error?.bytesSent == true)
        }
    }

    @Test func cancellationBeforeTheStartSendsNothing() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { _ in [.stall] }
        try await Live.with(server) { client in
            let task = Task { () -> OneShotPayError? in
                while !Task.isCancelled { await Task.yield() }
                return await Live.createFailure(client)
            }
            task.cancel()
            let error = await task.value
            #expect(error?.code == .cancelled && error?.bytesSent == false && server.creates.isEmpty)
        }
    }

    @Test func cancellingOneCallerLeavesTheOthersTheirToken() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            request.isToken ? [.drip(Array(Reply.token.utf8), every: .milliseconds(1))] : [.send(Reply.link)]
        }
        try await Live.with(server) { client in
            let first = Task { await Live.getFailure(client) }
            let second = Task { try await client.getPayLink(Live.id) }
            while server.tokenRequests == 0 { await Task.yield() }
            first.cancel()
            #expect(await first.value?.code == .cancelled)
            let link = try await second.value
            #expect(link.id == Live.id)
            #expect(server.tokenRequests == 1)
        }
    }

    @Test func cancellingACreateInTheQueueLeavesNoDoubt() async throws {
        let server = try await FaultServer.start { _ in [.stall] }
        try await Live.with(server, { $0.maximumConnections = 1 }) { client in
            let first = Task { await Live.createFailure(client) }
            while server.creates.isEmpty { await Task.yield() }
            let second = Task { await Live.createFailure(client) }
            while await client.statistics().requests < 3 { await Task.yield() }
            second.cancel()
            let error = await second.value
            #expect(error?.code == .cancelled && error?.possibleOrphans == 0 && error?.bytesSent == false)
            first.cancel()
            #expect(await first.value?.possibleOrphans == 1)
        }
    }

    @Test func shutdownEndsWhatIsUnderWay() async throws {
        let server = try await FaultServer.start { _ in [.stall] }
        try await Live.with(server) { client in
            let task = Task { await Live.getFailure(client) }
            while server.gets.isEmpty { await Task.yield() }
            await client.shutdown()
            #expect(await task.value?.code == .shutDown)
            #expect(await Live.getFailure(client)?.code == .shutDown)
        }
    }
}
