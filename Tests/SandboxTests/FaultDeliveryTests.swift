// Every fault as it looks on a live socket, and whether the request took effect.
// Choosing the rule is FaultBookTests.

import TestSupport
import Testing

@testable import Sandbox

/// What a client on a real socket sees of each fault, and what the service did meanwhile.
@Suite struct FaultDeliveryTests {
    @Test(arguments: [(Fault.Action.resetBeforeCommit, 0), (.resetAfterCommit, 1)])
    func resetsTheConnectionWithoutAByte(action: Fault.Action, links: Int) async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, action, times: 1))
            let reply = try await harness.create(token: token)
            #expect(reply.bytes.isEmpty)
            #expect(reply.ending == .reset)
            #expect(harness.sandbox.linkCount == links)
            let entry = harness.sandbox.record.first { $0.fault == action.name }
            #expect(entry != nil)
            #expect(entry?.status == nil)
            #expect(entry?.linkID == harness.sandbox.links.first?.id)
            #expect(try await harness.create(token: token).status == 200)
        }
    }

    @Test func sendsAStatusInPlaceOfTheReplyAndCommitsOnlyIfTold() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let busy = Fault.Action.status(
                429, headers: ["Retry-After": "7", "Content-Type": "text/weird"], body: "slow down")
            harness.sandbox.addFault(Fault(on: .create, busy, times: 1))
            let reply = try await harness.create(token: token)
            #expect(reply.status == 429)
            #expect(reply.header("Retry-After") == "7")
            #expect(reply.header("Content-Type") == "text/weird")
            #expect(reply.text == "slow down")
            #expect(harness.sandbox.linkCount == 0)
            harness.sandbox.addFault(Fault(on: .create, .status(500), times: 1, commits: true))
            #expect(try await harness.create(token: token).status == 500)
            #expect(harness.sandbox.linkCount == 1)
        }
    }

    @Test func cutsABodyShortThoughItsLengthIsAnnounced() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, .truncate(at: 10)))
            let reply = try await harness.create(token: token)
            #expect(reply.status == 200)
            #expect(reply.body.count == 10)
            #expect((reply.header("Content-Length").flatMap { Int($0) } ?? 0) > 500)
            #expect(reply.ending == .closed)
            #expect(harness.sandbox.linkCount == 1)
        }
    }

    @Test(arguments: [0, 5, 40])
    func cutsAResponseShortAnywhere(length: Int) async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, .truncate(at: length, of: .response)))
            let reply = try await harness.create(token: token)
            #expect(
                reply.bytes == Array(Array("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n".utf8).prefix(length))
            )
            #expect(reply.ending == .closed)
        }
    }

    @Test func drawsABodyOut() async throws {
        try await Harness.run { harness in
            harness.sandbox.addFault(Fault(on: .token, .slowBody(bytesPerSecond: 1_000)))
            let reply = try await harness.client.send(
                "POST", "/api/m2m/v0/token", headers: ["Content-Type": Harness.json], body: Harness.credentials)
            #expect(reply.json?["access_token"] != nil)
            #expect(reply.elapsed >= .milliseconds(90))
        }
    }

    @Test func holdsAReplyBackButCommitsAtOnce() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, .latency(.milliseconds(60)), delay: .milliseconds(40)))
            let reply = try await harness.create(token: token)
            #expect(reply.status == 200)
            #expect(reply.elapsed >= .milliseconds(95))
            #expect(harness.sandbox.linkCount == 1)
        }
    }

    @Test func sendsAHugeBodyOfTheAnnouncedLength() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, .hugeBody(bytes: 1_000_003)))
            let reply = try await harness.create(token: token)
            #expect(reply.status == 200)
            #expect(reply.body.count == 1_000_003)
            #expect(reply.header("Content-Length") == "1000003")
        }
    }

    @Test func sendsGarbageWrongTypesAndRedirects() async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            harness.sandbox.addFault(Fault(on: .create, .garbageBody, times: 1))
            harness.sandbox.addFault(Fault(on: .create, .wrongContentType, times: 1))
            harness.sandbox.addFault(Fault(on: .create, .redirect(to: "http://127.0.0.1:9/x"), times: 1))
            let garbage = try await harness.create(token: token)
            #expect(garbage.status == 200 && garbage.json == nil && !garbage.body.isEmpty)
            let mistyped = try await harness.create(token: token)
            #expect(mistyped.header("Content-Type") == "text/html; charset=utf-8")
            #expect(mistyped.json?["id"] != nil)
            let redirect = try await harness.create(token: token)
            #expect(redirect.status == 307)
            #expect(redirect.header("Location") == "http://127.0.0.1:9/x")
            #expect(harness.sandbox.linkCount == 2)
        }
    }

    @Test(arguments: [Fault.Action.revokeTokens, .expireTokens])
    func endsEveryTokenMidway(action: Fault.Action) async throws {
        try await Harness.run { harness in
            let token = try await harness.token()
            let id = harness.sandbox.addFault(Fault(on: .create, action, skip: 1, times: 1))
            let first = try await harness.create(token: token).status
            let second = try await harness.create(token: token).status
            let fresh = try await harness.token()
            let third = try await harness.create(token: fresh).status
            #expect([first, second, third] == [200, 401, 200])
            #expect(harness.sandbox.strikes(ofFault: id) == 1)
        }
    }

    @Test func neverTouchesPagesOrControlCalls() async throws {
        try await Harness.run { harness in
            harness.sandbox.addFault(Fault(on: .any, .resetBeforeCommit))
            let page = try await harness.client.send("GET", "/")
            let control = try await harness.client.send("DELETE", "/sandbox/faults")
            #expect([page.status, control.status] == [200, 200])
            let token = try await harness.token()
            #expect(!token.isEmpty)
        }
    }

    /// The process trapped in NIO when a connection was accepted but not yet handled as the server went away.
    @Test func stopsWhileConnectionsArrive() async throws {
        for _ in 0..<30 {
            let sandbox = try await SandboxServer.start()
            let client = SocketClient(port: sandbox.port)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    // Refused, reset or answered: any of these will do.
                    group.addTask { _ = try? await client.send("GET", "/sandbox/health") }
                }
                await sandbox.stop()
            }
        }
    }

    @Test func stopsThoughAConnectionIsIdleAndAReplyHeldBack() async throws {
        let sandbox = try await SandboxServer.start()
        let client = SocketClient(port: sandbox.port)
        let idle = try client.connectIdle()
        defer { SocketClient.hangUp(idle) }
        sandbox.addFault(Fault(on: .token, .latency(.seconds(600))))
        async let held = client.send(
            "POST", "/api/m2m/v0/token", headers: ["Content-Type": Harness.json], body: Harness.credentials)
        while sandbox.record.isEmpty { await Task.yield() }
        let start = ContinuousClock.now
        await sandbox.stop()
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await held.status != 200)
        await #expect(throws: LoopbackSocket.Failure.self) { try await client.send("GET", "/") }
    }
}
