// The three API calls, refusals and all, as a client on a real socket meets them.
// What faults do to them is FaultDeliveryTests.

import Foundation
import Testing

@testable import Sandbox

/// The machine-to-machine API over a real socket.
@Suite struct APITests {
    @Test func publishesALinkAndFollowsItUntilSettled() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let created = try await harness.create(token: token)
            #expect(created.status == 200)
            #expect(created.header("Content-Type") == "application/json")
            let id = try #require(created.json?["id"]?.stringValue)
            #expect(created.json?["url"]?.stringValue == "\(harness.sandbox.baseURL)/en/link/\(id)")
            #expect(created.json?["amount"] == .number("12500000"))
            #expect(created.json?["status"] == .number("0"))
            #expect(created.json?["mostRecentPayment"] == .null)
            #expect(created.json?["deletable"] == .bool(true))

            try harness.sandbox.pay(id)
            let paid = try await harness.get(id, token: token).json
            #expect(paid?["status"] == .number("1"))
            #expect(paid?["deletable"] == .bool(false))
            #expect(paid?["mostRecentPayment"]?["transactionHash"] == .null)

            harness.sandbox.advance(by: .seconds(2))
            let settled = try await harness.get(id.uppercased(), token: token).json
            #expect(settled?["mostRecentPayment"]?["transactionHash"]?.stringValue?.count == 66)
            #expect(settled?["mostRecentPayment"]?["payLinkId"]?.stringValue == id)
        }
    }

    @Test func repliesWithEveryKeyOfTheWire() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            guard case .object(let members)? = try await harness.create(token: token).json else {
                Issue.record("the reply is no object")
                return
            }
            #expect(
                members.map(\.key) == [
                    "id", "url", "userId", "username", "accountAddress", "profileImageUrl", "status", "amount",
                    "description",
                    "mediaUrl", "expirationTimestamp", "reuseable", "payerDefinedAmount", "requestedPayerUserId",
                    "archived",
                    "ignoredByRequestedPayer", "paymentCount", "deletable", "mostRecentPayment", "createdTimestamp",
                    "updatedTimestamp",
                ])
        }
    }

    @Test func expiresALinkWhenTheClockIsMoved() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let body = #"{"amount": 1, "description": "x", "reuseable": true, "expirationTimestamp": 1800000060}"#
            let id = try #require(try await harness.create(body, token: token).json?["id"]?.stringValue)
            harness.sandbox.advance(by: .seconds(59))
            #expect(try await harness.get(id, token: token).json?["status"] == .number("0"))
            harness.sandbox.advance(by: .seconds(1))
            #expect(try await harness.get(id, token: token).json?["status"] == .number("2"))
        }
    }

    @Test func paysByItselfWhenAsked() async throws {
        try await Harness.run(SandboxOptions(payAfter: .seconds(3))) { harness in
            let id = try await harness.published()
            harness.sandbox.advance(by: .seconds(10))
            #expect(harness.sandbox.link(id)?.mostRecentPayment?.created == testStart + .seconds(3))
            #expect(harness.sandbox.record.contains { $0.kind == .paid && $0.linkID == id })
        }
    }

    /// RFC 7519 in its compact form, as the service's own.
    @Test func theTokenIsAJSONWebToken() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let parts = token.split(separator: ".", omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            let bytes = try parts.map { part in
                #expect(
                    part.utf8.allSatisfy {
                        $0 == 0x2D || $0 == 0x5F || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                            || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
                            || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                    })
                let padded =
                    String(part).replacing("-", with: "+").replacing("_", with: "/")
                    + String(repeating: "=", count: (4 - part.count % 4) % 4)
                return Array(try #require(Data(base64Encoded: padded as String)))
            }
            let header = try JSONReader.parse(bytes[0]), payload = try JSONReader.parse(bytes[1])
            #expect(header["typ"]?.stringValue == "JWT" && header["alg"]?.stringValue == "HS256")
            #expect(payload["sub"]?.stringValue == SandboxOptions.defaultUserID)
            #expect(payload["iat"]?.integerValue == testStart.unixSeconds)
            #expect(payload["exp"]?.integerValue == testStart.unixSeconds + 3600)
            #expect(bytes[2].count == 32)
            #expect(try await harness.token() != token)
            // Whoever changes a part has no token.
            for part in 0..<3 {
                var changed = parts
                changed[part] = changed[part].dropLast() + (changed[part].last == "A" ? "B" : "A")
                #expect(try await harness.create(token: changed.joined(separator: ".")).status == 401)
            }
        }
    }

    @Test func refusesWhoeverIsNotAuthorized() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            for bad in ["", "wrong", "\(token)x"] {
                let reply = try await harness.create(token: bad)
                #expect(reply.status == 401)
                #expect(reply.header("WWW-Authenticate") == "Bearer")
            }
            let bare = try await harness.client.send("GET", "/api/m2m/v0/links/x")
            #expect(bare.status == 401)
            harness.sandbox.advance(by: .seconds(3600))
            #expect(try await harness.create(token: token).status == 401)
            let fresh = try await harness.token()
            #expect(try await harness.create(token: fresh).status == 200)
            harness.sandbox.revokeTokens()
            #expect(try await harness.create(token: fresh).status == 401)
            #expect(harness.sandbox.linkCount == 1)
        }
    }

    @Test(arguments: [
        (#"{"client_id": "x", "client_secret": "sandbox-api-token", "grant_type": "client_credentials"}"#, 401),
        (Harness.credentials.replacing("sandbox-api-token", with: "other"), 401),
        (Harness.credentials.replacing("client_credentials", with: "password"), 400),
        (Harness.credentials.replacing("}", with: #", "scope": "all"}"#), 400),
        (#"{"client_id": "x"}"#, 400), (#"{"client_id": 1, "client_secret": "", "grant_type": ""}"#, 400),
        ("", 400), ("[]", 400), ("client_id=x", 400),
    ])
    func refusesATokenRequest(body: String, status: Int) async throws {
        try await Harness.run { harness in
            let reply = try await harness.client.send(
                "POST", "/api/m2m/v0/token", headers: ["Content-Type": Harness.json], body: body)
            #expect(reply.status == status)
            #expect(!reply.text.contains(SandboxOptions.defaultAPIToken))
        }
    }

    @Test func refusesBodiesThatAreNotDeclaredJSON() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let types = [
                "text/plain": 415, "application/x-www-form-urlencoded": 415, "application/json; charset=utf-8": 200,
            ]
            for (type, status) in types {
                let headers = ["Content-Type": type, "Authorization": "bearer \(token)"]
                let reply = try await harness.client.send(
                    "POST", "/api/m2m/v0/links", headers: headers, body: Harness.mug)
                #expect(reply.status == status, "\(type)")
            }
        }
    }

    @Test func refusesWrongMethodsPathsIdsAndSizes() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let wrong = try await harness.client.send("DELETE", "/api/m2m/v0/links")
            #expect(wrong.status == 405)
            #expect(wrong.header("Allow") == "POST")
            #expect(try await harness.client.send("GET", "/nowhere").status == 404)
            #expect(try await harness.get("nonsense", token: token).status == 400)
            #expect(try await harness.get("018f5a3c-0000-7000-8000-000000000000", token: token).status == 404)
            let large = #"{"description": "\#(String(repeating: "x", count: SandboxResponder.bodyLimit))"}"#
            #expect(try await harness.create(large, token: token).status == 413)
            #expect(harness.sandbox.linkCount == 0)
        }
    }

    @Test func recordsAnIdempotencyKeyButPublishesTwice() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let first = try await harness.create(token: token, key: "k-1").json?["id"]
            let second = try await harness.create(token: token, key: "k-1").json?["id"]
            #expect(first != second)
            let keyed = harness.sandbox.record.filter { $0.idempotencyKey == "k-1" }
            #expect(keyed.map(\.linkID) == [first?.stringValue, second?.stringValue])
        }
    }

    @Test func keepsSecretsOutOfTheRecord() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            _ = try await harness.create(token: token)
            let lines = harness.sandbox.record.map { String(decoding: $0.json.bytes, as: UTF8.self) }
            #expect(lines.count == 3)
            #expect(lines.allSatisfy { !$0.contains(token) && !$0.contains(SandboxOptions.defaultAPIToken) })
        }
    }

    @Test func servesSeveralRequestsOnOneConnection() async throws {
        try await Harness.run { harness in
            let one = "GET /sandbox/health HTTP/1.1\r\nHost: localhost\r\n"
            let reply = try await harness.client.send(Array((one + "\r\n" + one + "Connection: close\r\n\r\n").utf8))
            #expect(String(decoding: reply.bytes, as: UTF8.self).split(separator: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test func tellsAnAgentThePrice() async throws {
        try await Harness.run { harness in
            let id = try await harness.published()
            let reply = try await harness.client.send("GET", "/api/link/\(id)")
            #expect(reply.status == 402)
            guard case .array(let offers)? = reply.json?["accepts"] else {
                Issue.record("no offers")
                return
            }
            #expect(offers.first?["maxAmountRequired"]?.stringValue == "12500000")
            try harness.sandbox.pay(id)
            #expect(try await harness.client.send("GET", "/api/link/\(id)").status == 200)
        }
    }
}
