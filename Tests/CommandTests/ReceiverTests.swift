// The webhook receivers of docs/http.md, as they stand there: they take what paylink signs and answer 401 to all else.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct ReceiverTests {
    private static let secret = "whsec_" + Data("a key of a shop".utf8).base64EncodedString()

    /// A program that a block of the page is for; `nil` with the reason printed where it is not installed.
    private static func program(_ language: String) -> String? {
        let name = ["python": "python3", "js": "node"][language] ?? language
        let places = ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }
        let found = places.first { access($0, X_OK) == 0 }
        if found == nil { print("skipped: no \(name) is installed, so the receiver for it in docs/http.md is not run") }
        return found
    }

    private static func block(_ language: String) throws -> String {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/http.md")
        let parts = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "\n```\(language)\n")
        try #require(parts.count == 2, "docs/http.md has one block of \(language)")
        return try #require(parts[1].components(separatedBy: "\n```\n").first)
    }

    @Test func everyReceiverOfThePageIsRun() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/http.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let languages = Set(text.matches(of: #/\n```([a-z]+)\n/#).map { String($0.1) })
        #expect(languages == ["lua", "python", "js"])
    }

    @Test(arguments: ["python", "js"])
    func takesWhatIsSignedAndNothingElse(_ language: String) async throws {
        guard let program = Self.program(language) else { return }
        let folder = try TemporaryFolder()
        let file = try folder.write("receiver.\(language == "js" ? "cjs" : "py")", try Self.block(language))
        let process = try ChildProcess(
            program, [file],
            environment: ["SHOP_WEBHOOK": Self.secret, "PORT": "0", "PATH": "/usr/bin:/bin"], directory: folder.path,
            limit: .seconds(300))
        let line = try await process.line { $0.hasPrefix("listening on ") }
        let port = try #require(Int(line.dropFirst("listening on ".count)))

        let script = """
            local function send(id, name)
              local reply, err = http.post("http://127.0.0.1:\(port)/ship", {
                json = { order = "1001", name = "Jürgen" }, sign = { secret = assert(secret(name)), id = id }, any_status = true,
              })
              print(reply and reply.status or err.code)
            end
            send("effect-1", "SHOP") send("effect-1", "SHOP") send("effect-2", "BOTH") send("effect-3", "OTHER")
            print(assert(http.post("http://127.0.0.1:\(port)/ship", { json = { order = "1001" }, any_status = true })).status)
            """
        let other = "whsec_" + Data("another key".utf8).base64EncodedString()
        let outcome = try await PaylinkProcess.run(
            ["run", "--allow-net", "127.0.0.1", "-e", script],
            environment: [
                "PAYLINK_SECRET_SHOP": Self.secret, "PAYLINK_SECRET_OTHER": other,
                "PAYLINK_SECRET_BOTH": other + " " + Self.secret,
            ])
        #expect(outcome.lines == ["204", "204", "204", "401", "401"], "\(outcome)")

        let now = Int(Date().timeIntervalSince1970), signature = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let requests: [[String]] = [
            [], ["webhook-id: a"], ["webhook-id: a", "webhook-timestamp: \(now)"],
            ["webhook-id: a", "webhook-timestamp: \(now)", "webhook-signature: "],
            ["webhook-id: a", "webhook-timestamp: \(now)", "webhook-signature: \(signature)"],
            ["webhook-id: a", "webhook-timestamp: \(now)", "webhook-signature: v1, v1,x v1,é \(signature)"],
            ["webhook-id: a", "webhook-timestamp: \(now)", "webhook-signature: v2\(signature.dropFirst(2))"],
            ["webhook-id: a", "webhook-timestamp: \(now - 4000)", "webhook-signature: \(signature)"],
            [
                "webhook-id: a", "webhook-timestamp: \(String(repeating: "9", count: 5000))",
                "webhook-signature: \(signature)",
            ],
            ["webhook-id: a", "webhook-timestamp: ²", "webhook-signature: \(signature)"],
            ["webhook-id: é", "webhook-timestamp: \(now)", "webhook-signature: \(signature)"],
            ["webhook-timestamp: \(now)", "webhook-signature: \(signature)"], ["webhook-signature: \(signature)"],
        ]
        for headers in requests {
            let reply = try await HTTPCall.send("POST", "/ship", port: port, headers: headers, body: "{}")
            #expect(reply.status == 401, "\(headers)")
        }
        // After all of that it still takes what is signed, once.
        let again = try await PaylinkProcess.run(
            ["run", "--allow-net", "127.0.0.1", "-e", script], environment: ["PAYLINK_SECRET_SHOP": Self.secret])
        #expect(again.lines.first == "204", "\(again)")
        process.kill()
        let shipped = try await process.finish().lines.filter { $0.hasPrefix("to be shipped:") }
        #expect(
            shipped == Array(repeating: #"to be shipped: {"name":"Jürgen","order":"1001"}"#, count: 2), "\(shipped)")
    }
}
