// Where the links of an untrusted script are recorded: beside the ledger, in a file that belongs to this one script.

import Digests
import Glibc

package enum UntrustedLedger {
    /// The file for a script, made at its first use. A script keeps it for as long as it lies where it lies, whatever
    /// becomes of its text: a key that was published once is so for its next version, too. Code without a file is known
    /// by its text.
    /// - Parameter ledger: the file of the ledger that other scripts use.
    package static func path(for source: ScriptSource, beside ledger: String) -> String {
        let place = source.isFile ? RealPath.resolve(source.name) ?? source.name : nil
        let identity = place.map { Array("file\0\($0)".utf8) } ?? Array("text\0".utf8) + source.text
        let digest = Digest.sha256(identity).prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "\(folder(beside: ledger))/\(name(place ?? source.name))-\(digest.joined()).db"
    }

    /// Where all such files lie.
    package static func folder(beside ledger: String) -> String {
        let bytes = Array(ledger.utf8)
        let slash = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<slash], as: UTF8.self) + "untrusted"
    }

    /// The script's name as far as it makes a plain name of a file.
    private static func name(_ path: String) -> String {
        let last = path.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        let plain = last.prefix(40).map { byte in
            let isPlain = (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "_")
            return isPlain ? byte : UInt8(ascii: "-")
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
