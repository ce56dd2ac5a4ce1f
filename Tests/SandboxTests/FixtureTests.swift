// The sandbox against the captured replies that it shares with the client's tests.
// Byte for byte: ids come from a fixed seed, the clock stands still.

import Foundation
import Testing

@testable import Sandbox

/// Pins the sandbox's side of the captured replies in Tests/Fixtures; the client's tests decode the same files.
/// After a wanted change, run the tests once with PAYLINK_WRITE_FIXTURES=1 and look at the difference.
@Suite struct FixtureTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")

    private func core() -> SandboxCore { .still(SandboxOptions(publicBaseURL: "https://1shotpay.com")) }

    private func fixture(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Self.folder.appendingPathComponent(name)))
    }

    private func request(_ method: String, body: [UInt8] = [], token: String? = nil) -> APIRequest {
        APIRequest(
            method: method, path: "/", contentType: "application/json", authorization: token.map { "Bearer \($0)" },
            idempotencyKey: nil, body: body)
    }

    private func expect(_ reply: Reply, is name: String) throws {
        #expect(reply.status == 200)
        let bytes = reply.body + [UInt8(ascii: "\n")]
        if ProcessInfo.processInfo.environment["PAYLINK_WRITE_FIXTURES"] == "1" {
            try Data(bytes).write(to: Self.folder.appendingPathComponent(name))
        }
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: try fixture(name), as: UTF8.self))
    }

    @Test func repliesAreThoseCaptured() throws {
        let core = core()
        let credentials = request("POST", body: Array(Harness.credentials.utf8))
        let token = core.answer(credentials, endpoint: .token, id: "").reply
        try expect(token, is: "token.json")
        let bearer = try JSONReader.parse(token.body)["access_token"]?.stringValue

        let create = request("POST", body: try fixture("create-request.json"), token: bearer)
        let active = core.answer(create, endpoint: .create, id: "").reply
        try expect(active, is: "link-active.json")

        let id = try #require(try JSONReader.parse(active.body)["id"]?.stringValue)
        core.advance(by: .seconds(45))
        try core.perform { interior, now in _ = try interior.state.pay(id, now: now) }
        core.advance(by: .seconds(5))
        try expect(core.answer(request("GET", token: bearer), endpoint: .get, id: id).reply, is: "link-paid.json")
    }
}
