// What a create makes of replies: other terms, damaged ones whose link is adopted, successes that cannot be read.

import NIOCore
import TestSupport
import Testing

@testable import OneShotPay

@Suite struct CreateReplyTests {
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

    @Test func isNotSentAgainWhenTheLinkOfACompleteReplyDoesNotExist() async throws {
        let server = try await FaultServer.start { request in
            [.send(request.method == "GET" ? Reply.status(404) : Reply.json(String(Sample.json().dropLast(20))))]
        }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .unreadableReply && error?.knownID == Live.id && error?.possibleOrphans == 1)
            #expect(server.creates.count == 1)
        }
    }

    @Test func sendsAgainWhenTheSalvagedLinkDoesNotExist() async throws {
        let server = try await FaultServer.start { request in
            if request.method == "GET" { return [.send(Reply.status(404))] }
            return request.number == 0 ? [.send(String(Reply.link.dropLast(20))), .close] : [.send(Reply.link)]
        }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.possibleOrphans == 1 && server.creates.count == 2)
        }
    }

    struct Unreadable: Sendable, CustomTestStringConvertible {
        var body: [UInt8]
        var headers = ""
        var status = "200 OK"
        /// What the error says about it.
        var says: String

        init(_ body: String, _ headers: String = "", status: String = "200 OK", says: String) {
            self.init(Array(body.utf8), headers, status: status, says: says)
        }

        init(_ body: [UInt8], _ headers: String = "", status: String = "200 OK", says: String) {
            (self.body, self.headers, self.status, self.says) = (body, headers, status, says)
        }

        var reply: [UInt8] {
            Array("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.count)\r\n\r\n".utf8) + body
        }
        var testDescription: String { says }
    }

    /// A success that arrived whole says that a link was made. Sent again, it would be made again.
    @Test(arguments: [
        Unreadable("<html></html>", "Content-Type: text/html\r\n", says: "an HTML page"),
        Unreadable(" <!DOCTYPE HTML><p>", says: "an HTML page"), Unreadable("<?xml version='1.0'?><a/>", says: "XML"),
        Unreadable("", says: "it is empty"), Unreadable("", status: "201 Created", says: "it is empty"),
        Unreadable("{}", says: "JSON: {}"), Unreadable("[]", says: "JSON: []"), Unreadable("null", says: "JSON: null"),
        Unreadable(Sample.json(id: "not-a-uuid"), says: "JSON: {"),
        Unreadable(#"{"id": 12, "amount": [,"#, says: "begins as JSON"),
        Unreadable(")]}',\n{\"ok\":true}", says: #"JSON preceded by ")]}',\n""#),
        Unreadable("ok", says: "text beginning: ok"), Unreadable("{\"a\":1} {}", says: "begins as JSON"),
        Unreadable([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], "Content-Encoding: gzip\r\n", says: "its Content-Encoding is gzip"),
        Unreadable([0x1F, 0x8B, 8, 0, 0, 0, 0, 0], says: "gzip data"),
        Unreadable([0x0B, 0x02, 0x80], "Content-Encoding: br\r\n", says: "its Content-Encoding is br"),
        Unreadable([0x28, 0xB5, 0x2F, 0xFD, 0], says: "zstd data"), Unreadable([0x78, 0x9C, 1], says: "zlib data"),
        Unreadable([0xFF, 0xFE, 0x7B, 0], says: "UTF-16 text"), Unreadable([0, 0x7B, 0, 0x7D], says: "UTF-16 text"),
        Unreadable([1, 2, 3, 4], says: "01 02 03 04"),
    ])
    func isNotSentAgainAfterACompleteSuccess(_ unreadable: Unreadable) async throws {
        let server = try await FaultServer.start { _ in [.send(unreadable.reply)] }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .unreadableReply && error?.possibleOrphans == 1 && error?.retryable == false)
            #expect(error?.message.contains(unreadable.says) == true, "\(error?.message ?? "")")
            #expect(server.creates.count == 1)
        }
    }

    /// However its end is marked: without a length it ends with the connection, or with the last chunk; one without
    /// a body is whole, and one that is longer than is read was not broken off by the service.
    @Test(arguments: [
        [ServerStep.send("HTTP/1.1 204 No Content\r\n\r\n")], [.send("HTTP/1.1 200 OK\r\n\r\nmade it"), .close],
        [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n{"), .stall],
    ])
    func everyFormOfACompleteSuccessCounts(steps: [ServerStep]) async throws {
        let server = try await FaultServer.start { _ in steps }
        try await Live.with(server) { client in
            let error = await Live.createFailure(client)
            #expect(error?.code == .unreadableReply && error?.possibleOrphans == 1, "\(String(describing: error))")
            #expect(server.creates.count == 1)
        }
    }

    @Test func passesOverAByteOrderMark() async throws {
        let server = try await FaultServer.start(scriptsTokens: true) { request in
            [
                .send(
                    Reply.json(
                        "\u{FEFF}" + (request.isToken ? #"{"access_token":"a","expires_in":60}"# : Sample.json())))
            ]
        }
        try await Live.with(server) { client in
            let link = try await client.createPayLink(Live.terms)
            #expect(link.id == Live.id && link.possibleOrphans == 0 && server.creates.count == 1)
            #expect(server.creates.first?.headers["accept-encoding"] == "identity")
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
}
