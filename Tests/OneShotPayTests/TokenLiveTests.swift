// Access tokens against a live server: one request for many callers, one refresh for a refusal, and no herd.

import TestSupport
import Testing

@testable import OneShotPay

@Suite struct TokenLiveTests {
    @Test func twoHundredColdCallsShareOneTokenRequest() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            try await withThrowingTaskGroup(of: PayLinkID.self) { group in
                for _ in 0..<200 { group.addTask { try await client.createPayLink(Live.terms).id } }
                for try await id in group { #expect(id == Live.id) }
            }
            #expect(server.tokenRequests == 1 && server.creates.count == 200 && server.connections <= 64)
        }
    }

    @Test func refreshesOnceForManyRefusals() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            if request.isToken { return [.send(Reply.token("access-\(request.number)"))] }
            return [.send(request.headers["authorization"] == "Bearer access-0" ? Reply.status(401) : Reply.link)]
        }
        try await Live.with(server) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { _ = try await client.createPayLink(Live.terms) } }
                try await group.waitForAll()
            }
            #expect(server.tokenRequests == 2)
            #expect(server.creates.count <= 100)
        }
    }

    @Test func aFreshTokenThatIsRefusedIsUnauthorized() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            [.send(request.isToken ? Reply.token("access-\(request.number)") : Reply.status(401))]
        }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .unauthorized && error?.status == 401 && error?.retryable == false)
            #expect(server.tokenRequests == 2 && server.creates.count == 2)
        }
    }

    @Test(arguments: [400, 401, 403])
    func refusedCredentialsFailAllWithoutAHerd(status: Int) async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { _ in
            [.send(Reply.status(status, body: "bad \(Live.secret)"))]
        }
        try await Live.with(server) { client in
            await withTaskGroup(of: OneShotPayError?.self) { group in
                for _ in 0..<50 { group.addTask { await Live.createFailure(client) } }
                for await error in group {
                    #expect(error?.code == .unauthorized && error?.retryable == false && error?.possibleOrphans == 0)
                    #expect(error.map { "\($0)" }?.contains(Live.secret) == false)
                }
            }
            #expect(server.creates.isEmpty && server.tokenRequests < 50)
        }
    }

    @Test(arguments: [500, 503, 429])
    func transientTokenFailuresAreRetried(status: Int) async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            guard request.isToken else { return [.send(Reply.link)] }
            return request.number == 0
                ? [.send(Reply.status(status))] : request.number == 1 ? [.reset] : [.send(Reply.token)]
        }
        try await Live.with(server) { client in
            _ = try await client.createPayLink(Live.terms)
            #expect(server.tokenRequests == 3 && server.creates.count == 1)
        }
    }

    @Test func aTokenOfNoLifeStillServesEachCall() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            [.send(request.isToken ? Reply.token("t\(request.number)", expiresIn: "0") : Reply.link)]
        }
        try await Live.with(server) { client in
            for _ in 0..<3 { _ = try await client.createPayLink(Live.terms) }
            #expect(server.tokenRequests == 3 && server.creates.count == 3)
        }
    }

    @Test func checksCredentials() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            #expect(try await client.checkCredentials() == .seconds(3_600))
            _ = try await client.createPayLink(Live.terms)
            #expect(server.tokenRequests == 1)
        }
    }

    /// Cut anywhere, a token reply is asked for again, and no part of it is ever shown.
    @Test func survivesATruncatedTokenReply() async throws {
        let reply = Array(Reply.token("access-visible-secret").utf8)
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            if !request.isToken { return [.send(Reply.link)] }
            return [.send(Array(reply[..<request.number])), .close]
        }
        try await Live.with(server, { $0.retry = .never }) { client in
            for length in 0..<reply.count {
                let error = await Live.failure { () async throws(OneShotPayError) in try await client.checkCredentials()
                }
                #expect(error?.code == .connectionLost, "cut at \(length)")
                #expect(error?.description.contains("visible") == false)
            }
        }
    }

    @Test func anUnusableTokenReplyShowsNothingOfIt() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { _ in
            [.send(Reply.json(#"{"access_token":"leak leak"}"#))]
        }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .badReply && error?.description.contains("leak") == false)
        }
    }
}
