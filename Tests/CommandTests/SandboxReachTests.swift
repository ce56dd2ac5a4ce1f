// Who can reach a sandbox that was started without being told where to listen.

import Foundation
import Testing

@Suite struct SandboxReachTests {
    /// Where something listens on a port: the addresses in procfs, as hexadecimal digits.
    private static func listeners(_ table: String, _ port: Int) -> [String] {
        let text = (try? String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let cells = line.split(separator: " ")
            guard cells.count > 3, cells[3] == "0A", let colon = cells[1].lastIndex(of: ":"),
                Int(cells[1][cells[1].index(after: colon)...], radix: 16) == port
            else { return nil }
            return String(cells[1][..<colon])
        }
    }

    @Test func itListensOnLoopbackUnlessToldOtherwise() async throws {
        let sandbox = try await SandboxProcess.start()
        #expect(Self.listeners("tcp", sandbox.port) == ["0100007F"] && Self.listeners("tcp6", sandbox.port).isEmpty)
        let told = try await SandboxProcess.start(["--host", "127.0.0.2"])
        #expect(Self.listeners("tcp", told.port) == ["0200007F"])
    }
}
