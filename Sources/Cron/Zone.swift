// Time zones by name, from the system's own database, and slots as text. What a file holds is read in ZoneFile.swift.

import Dates
import Glibc

/// A time zone.
package struct Zone: Sendable {
    package let name: String
    private let file: ZoneFile

    /// The zone with this name, such as `Europe/Berlin`.
    /// - Throws: ``CronProblem`` when there is no such zone, or no database of zones.
    package init(named name: String) throws(CronProblem) {
        self.name = name
        if ["UTC", "Etc/UTC"].contains(name) {
            file = .utc
            return
        }
        let isName =
            !name.isEmpty && name.utf8.count <= 64 && !name.hasPrefix("/")
            && name.utf8.allSatisfy { byte in
                byte &- 0x30 <= 9 || (byte | 0x20) &- 0x61 < 26 || "+-_/".utf8.contains(byte)
            }
        let folder = Self.folder
        guard access(folder, R_OK) == 0 else {
            throw CronProblem(
                "the zone \"\(name)\" cannot be looked up: there is no \(folder); install tzdata, or use UTC")
        }
        guard isName, let bytes = Self.read(folder + "/" + name), let file = ZoneFile(bytes) else {
            throw CronProblem(
                "the zone \"\(name)\" is not known; give a name such as Europe/Berlin or UTC (ls \(folder))")
        }
        self.file = file
    }

    package func offset(at instant: Int64) -> Int64 { file.offset(at: instant) }

    /// Whether a clock of the other zone shows the same from now on, as those of `UTC` and `Etc/UTC` or of
    /// `Asia/Calcutta` and `Asia/Kolkata` do: a zone is what its rules are, not what it is called.
    package func agrees(with other: Zone, from instant: Int64) -> Bool {
        name == other.name || file.agrees(with: other.file, from: instant)
    }

    /// An instant in the zone's local time: `2026-03-29T03:00:00+02:00`.
    package func text(_ instant: Int64) -> String {
        let offset = offset(at: instant)
        let (day, second) = (instant + offset).floored(by: 86_400)
        let date = CivilDay(number: day).date
        let sign = offset < 0 ? "-" : "+"
        return [date.year, Int64(date.month), Int64(date.day)].map(Self.padded).joined(separator: "-") + "T"
            + [second / 3600, second / 60 % 60, second % 60].map(Self.padded).joined(separator: ":") + sign
            + [abs(offset) / 3600, abs(offset) / 60 % 60].map(Self.padded).joined(separator: ":")
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    // MARK: This machine's

    /// The name of the zone that this machine, and so its cron, keeps; UTC where none is set.
    package static func systemName() -> String {
        if let text = getenv("TZ").map({ String(cString: $0) }), !text.isEmpty {
            let name = text.hasPrefix(":") ? String(text.dropFirst()) : text
            if (try? Zone(named: name)) != nil { return name }
        }
        if let target = realpath("/etc/localtime", nil) {
            defer { free(target) }
            let path = String(cString: target)
            if let name = path.split(separator: "/zoneinfo/", maxSplits: 1).dropFirst().first {
                return String(name)
            }
        }
        if let bytes = read("/etc/timezone") {
            let name = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
            if (try? Zone(named: name)) != nil { return name }
        }
        return "UTC"
    }

    /// The version of the database of zones, such as `2025b`, as its own text tells it.
    package static func databaseVersion() -> String? {
        guard let bytes = read(folder + "/tzdata.zi") else { return nil }
        let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
        guard line.hasPrefix("# version ") else { return nil }
        return String(line.dropFirst("# version ".count).prefix { $0.isLetter || $0.isNumber })
    }

    private static var folder: String {
        getenv("TZDIR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/share/zoneinfo"
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard got >= 0 else { return nil }
            if got == 0 { break }
            count += got
        }
        return Array(bytes.prefix(count))
    }
}
