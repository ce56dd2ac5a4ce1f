// Outputs that are kept as files and compared character by character: Tests/CommandTests/Snapshots.
// PAYLINK_UPDATE_SNAPSHOTS=1 writes them anew; what then changes in a commit is what a user will see change.

import Foundation
import Testing

enum Snapshot {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots")
    static let updates = ProcessInfo.processInfo.environment["PAYLINK_UPDATE_SNAPSHOTS"] == "1"

    /// Compares a text with the snapshot of that name.
    static func check(_ text: String, _ name: String) throws {
        let file = folder.appendingPathComponent(name + ".txt")
        if updates { try text.write(to: file, atomically: true, encoding: .utf8) }
        let kept = try? String(contentsOf: file, encoding: .utf8)
        guard let kept, kept != text else {
            #expect(kept != nil, "no snapshot \(name).txt: PAYLINK_UPDATE_SNAPSHOTS=1 writes it")
            return
        }
        let (old, new) = (kept.components(separatedBy: "\n"), text.components(separatedBy: "\n"))
        let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
        Issue.record(
            """
            \(name).txt, line \(line + 1): "\(line < old.count ? old[line] : "(end)")" was kept, and now it is \
            "\(line < new.count ? new[line] : "(end)")". PAYLINK_UPDATE_SNAPSHOTS=1 writes it anew.
            """)
    }

    static var names: Set<String> {
        Set(((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).map { String($0.dropLast(4)) })
    }

    /// What differs from run to run, replaced by words: ids, moments, ports, durations, the folder.
    static func steady(_ text: String, folder: String = "\u{0}") -> String {
        text.replacing(folder, with: "FOLDER")
            .replacing(#/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/#, with: "ID")
            .replacing(#/127\.0\.0\.1:\d+/#, with: "127.0.0.1:PORT")
            .replacing(#/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z| UTC)?/#, with: "MOMENT")
            .replacing(#/\b\d+(\.\d+)? ?m?s\b/#, with: "N s")
    }
}
