// Creating links against a server that misbehaves: what is retried, what is in doubt, what is adopted.

import NIOCore
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

    @Test(arguments: [500, 502, 503, 504, 599])
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

    @Test func aNamedPayerHaltsInDoubt() async throws {
        for steps in [
            [ServerStep.send(Reply.status(500))], [.reset], [.close],
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

    @Test(arguments: [
        Reply.json(Sample.json(amount: "12500001")), Reply.json(Sample.json(description: "Order 1002")),
    ])
    func otherTermsAreNeverReportedAsDone(reply: String) async throws {
        let server = try await FaultServer.start { _ in [.send(reply)] }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(
                error?.code == .badReply && error?.link?.id == Live.id && error?.message.contains(Sample.id) == true)
            #expect(server.creates.count == 1)
        }
    }

    @Test func adoptsTheLinkOfADamagedReply() async throws {
        let damaged = Reply.json(String(Sample.json().dropLast(20)))
        let server = try await FaultServer.start { request in [.send(request.method == "POST" ? damaged : Reply.link)] }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(
                link.id == Live.id && link.possibleOrphans == 0 && server.creates.count == 1 && server.gets.count == 1)
        }
    }

    @Test func doesNotAdoptAnotherLink() async throws {
        let server = try await FaultServer.start { request in
            [
                .send(
                    request.method == "POST"
                        ? Reply.json(String(Sample.json().dropLast(20))) : Reply.json(Sample.json(amount: "5")))
            ]
        }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .badReply && error?.link?.amount.microUSDC == 5 && server.creates.count == 1)
        }
    }

    @Test func sendsAgainWhenTheSalvagedLinkDoesNotExist() async throws {
        let server = try await FaultServer.start { request in
            if request.method == "GET" { return [.send(Reply.status(404))] }
            return [.send(request.number == 0 ? Reply.json(String(Sample.json().dropLast(20))) : Reply.link)]
        }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.possibleOrphans == 1 && server.creates.count == 2)
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>", Reply.json("{}"),
        Reply.json("[]"), Reply.json(""),
        Reply.json(Sample.json(id: "not-a-uuid")), Reply.json("null"), "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\u{1}\u{2}\u{3}\u{4}",
    ])
    func aSuccessWithoutALinkIsInDoubt(reply: String) async throws {
        let server = try await FaultServer.start { _ in [.send(reply)] }
        try await Live.with(server, { $0.retry.resendsCreatesInDoubt = false }) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .inDoubt && error?.possibleOrphans == 1)
            if reply.contains("text/html") { #expect(error?.cause?.contains("text/html") == true) }
        }
    }

    /// Cut anywhere, a create's reply is either in doubt or, once the id has arrived, looked up and adopted.
    @Test func isNeverWrongAboutATruncatedCreate() async throws {
        let reply = Array(Reply.link.utf8)
        let idEnd = Reply.link.utf8.count - Sample.json().utf8.count + #"{"id":""#.utf8.count + 37
        let server = try await FaultServer.start { request in
            request.method == "GET" ? [.send(Reply.link)] : [.send(Array(reply[..<request.number])), .close]
        }
        try await Live.with(server, { $0.retry = .never }) { client in
            for length in 0..<reply.count {
                do throws(OneShotPayError) {
                    let link = try await client.createPayLink(Live.terms)
                    #expect(length >= idEnd && link.id == Live.id, "cut at \(length)")
                } catch {
                    #expect(
                        length < idEnd && error.code == .inDoubt && error.possibleOrphans == 1,
                        "cut at \(length): \(error)")
                }
            }
            #expect(server.creates.count == reply.count && server.tokenRequests == 1)
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
