// Creating links against a server that misbehaves: what is retried, and what is in doubt. What replies say is in
// CreateReplyTests.swift.

import NIOCore
import TestSupport
import Testing

@testable import OneShotPay

@Suite struct CreateLiveTests {
    @Test func createsALink() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            var terms = Live.terms
            terms.idempotencyKey = "key-1"
            terms.closeOnComplete = true
            terms.locale = .spanish
            let link = try await client.createPayLink(terms)
            #expect(link.id == Live.id && link.amount == terms.amount && link.possibleOrphans == 0)
            #expect(link.url == "http://127.0.0.1:\(server.port)/es/link/\(Sample.id)?closeOnComplete=true")
            let request = try #require(server.creates.first)
            #expect(request.path == "/api/m2m/v0/links")
            #expect(request.body == #"{"amount":12.5,"description":"Order 1001","reuseable":false}"#)
            #expect(
                request.headers["authorization"] == "Bearer access-1" && request.headers["idempotency-key"] == "key-1")
            #expect(
                request.headers["content-type"] == "application/json"
                    && request.headers["host"] == "127.0.0.1:\(server.port)")
            let token = try #require(server.requests.first)
            #expect(
                token.body
                    == #"{"client_id":"merchant","client_secret":"api-s3cret","grant_type":"client_credentials"}"#)
            #expect(
                await client.statistics()
                    == {
                        var it = OneShotPayStatistics(); it.requests = 2; it.tokenRequests = 1; return it
                    }())
        }
    }

    @Test(arguments: [
        (400, OneShotPayError.Code.rejected, false), (402, .rejected, false), (403, .rejected, false),
        (404, .notFound, false), (409, .rejected, false),
        (422, .rejected, false), (301, .redirectRefused, false), (302, .redirectRefused, false),
        (308, .redirectRefused, false),
    ])
    func finalStatusesAreNotRepeated(status: Int, code: OneShotPayError.Code, retryable: Bool) async throws {
        let server = try await FaultServer.start { _ in
            [.send(Reply.status(status, "Location: https://evil.example/x?q=1\r\n", body: "because of \(Live.secret)"))]
        }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(
                error?.code == code && error?.status == status && error?.retryable == retryable
                    && error?.possibleOrphans == 0)
            #expect(server.creates.count == 1)
            #expect(error?.description.contains(Live.secret) == false)
            if code == .redirectRefused {
                #expect(error?.message.contains("evil.example") == true && error?.message.contains("q=1") == false)
            } else {
                #expect(error?.message.contains("because of ***") == true)
            }
        }
    }

    @Test(arguments: [408, 500, 502, 503, 504, 599])
    func serverErrorsAreInDoubtAndSentAgain(status: Int) async throws {
        let server = try await FaultServer.start { request in
            [.send(request.number == 0 ? Reply.status(status) : Reply.link)]
        }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.possibleOrphans == 1 && server.creates.count == 2)
            #expect(await client.statistics().possibleOrphans == 1)
        }
    }

    /// "Too early" says that the request was not looked at: it may be sent again without a doubt.
    @Test func tooEarlyIsSentAgainWithoutDoubt() async throws {
        let server = try await FaultServer.start { request in
            [.send(request.number == 0 ? Reply.status(425) : Reply.link)]
        }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.possibleOrphans == 0 && server.creates.count == 2)
        }
        let stubborn = try await FaultServer.start { _ in [.send(Reply.status(425))] }
        try await Live.with(stubborn) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .rejected && error?.retryable == true && error?.possibleOrphans == 0)
        }
    }

    @Test func aNamedPayerHaltsInDoubt() async throws {
        for steps in [
            [ServerStep.send(Reply.status(500))], [.send(Reply.status(408))], [.reset], [.close],
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), .close],
        ] {
            let server = try await FaultServer.start { _ in steps }
            try await Live.with(server) { client in
                var terms = Live.terms
                terms.payer = UserID("123e4567-e89b-12d3-a456-426614174000")
                let error = await Live.createFailure(client, terms)
                #expect(error?.code == .inDoubt && error?.possibleOrphans == 1 && error?.bytesSent == true)
                #expect(server.creates.count == 1)
            }
        }
    }

    @Test func aResetAfterTheRequestIsInDoubt() async throws {
        let server = try await FaultServer.start { request in request.number < 2 ? [.reset] : [.send(Reply.link)] }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.possibleOrphans == 2 && server.creates.count == 3)
        }
    }

    @Test func anOutageEndsInDoubtAfterItsAttempts() async throws {
        let server = try await FaultServer.start { _ in [.close] }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .inDoubt && error?.possibleOrphans == 4 && server.creates.count == 4)
        }
    }

    @Test(arguments: [
        "Retry-After: 0\r\n", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "Retry-After: soon\r\n", "",
    ])
    func slowsDownAndSendsAgain(header: String) async throws {
        let server = try await FaultServer.start { request in
            [.send(request.number < 6 ? Reply.status(429, header) : Reply.link)]
        }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.possibleOrphans == 0 && server.creates.count == 7)
        }
    }

    @Test(arguments: ["Retry-After: 3600\r\n", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n"])
    func doesNotWaitLongerThanItHasTime(header: String) async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.status(429, header))] }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(
                error?.code == .rateLimited && error?.retryable == true
                    && (error?.retryAfter ?? .zero) >= .seconds(3_600))
            #expect(server.creates.count == 1)
        }
    }

    /// A proxy on the way of plain http.
    @Test func aProxyThatWantsAPasswordIsAskedOnce() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { _ in [.send(Reply.status(407))] }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .invalidConfiguration && error?.message.contains("407") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func refusesBadTermsWithoutARequest() async throws {
        let server = try await FaultServer.start { _ in [.send(Reply.link)] }
        try await Live.with(server) { client in
            var terms = Live.terms
            terms.amount = .zero
            let error = await Live.createFailure(client, terms)
            #expect(error?.code == .invalidRequest && error?.field == "amount" && server.requests.isEmpty)
        }
    }
}
