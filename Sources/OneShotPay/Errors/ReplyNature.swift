// Says in a few words what the bytes of a reply are that should have been a link, so that whoever reads the error knows
// where to look: at a proxy, at a wrong address, or at the service.

import JSON

/// What a body that cannot be used looks like.
struct ReplyNature {
    private let body: UnsafeRawBufferPointer

    /// - Parameter body: outlives the value.
    init(_ body: UnsafeRawBufferPointer) {
        self.body = body
    }

    /// Completes "it is …".
    func description(_ redactor: Redactor) -> String {
        if body.isEmpty { return "empty" }
        if let format = Self.signatures.first(where: { body.starts(with: $0.bytes) }) { return format.name }
        // Plain ASCII as UTF-16 has a zero in every pair.
        if body.count >= 2, (body[0] == 0) != (body[1] == 0) { return "UTF-16 text" }
        let start = Self.skippingSpace(body)
        if Self.isTag("<!doctype", start) || Self.isTag("<html", start) {
            return "an HTML page; it begins: \(redactor.excerpt(of: body))"
        }
        if Self.isTag("<?xml", start) { return "XML; it begins: \(redactor.excerpt(of: body))" }
        if Self.isJSON(start) { return "JSON: \(redactor.excerpt(of: body))" }
        if let first = start.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            return "text that begins as JSON: \(redactor.excerpt(of: body))"
        }
        if let brace = body.prefix(Self.longestPreamble).firstIndex(of: UInt8(ascii: "{")),
            Self.isJSON(UnsafeRawBufferPointer(rebasing: body[brace...]))
        {
            let preamble = UnsafeRawBufferPointer(rebasing: body[..<brace])
            return "JSON preceded by \"\(redactor.excerpt(of: preamble, limit: 60))\""
        }
        let sample = body.prefix(64)
        if sample.contains(where: { $0 < 0x20 && !(0x09...0x0D).contains($0) }) {
            return "no text: its first bytes are \(sample.prefix(8).map(Self.hexadecimal).joined(separator: " "))"
        }
        return "text beginning: \(redactor.excerpt(of: body))"
    }

    private static let longestPreamble = 256

    private static let signatures: [(bytes: [UInt8], name: String)] = [
        ([0x1F, 0x8B], "gzip data"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd data"), ([0x78, 0x01], "zlib data"),
        ([0x78, 0x9C], "zlib data"), ([0x78, 0xDA], "zlib data"), ([0xFF, 0xFE], "UTF-16 text"),
        ([0xFE, 0xFF], "UTF-16 text"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive"),
    ]

    private static func skippingSpace(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        return UnsafeRawBufferPointer(rebasing: rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) })
    }

    /// - Parameter tag: in lower case.
    private static func isTag(_ tag: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= tag.utf8CodeUnitCount else { return false }
        for index in 0..<tag.utf8CodeUnitCount {
            let byte = bytes[index]
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard lower == tag.utf8Start[index] else { return false }
        }
        return true
    }

    private static func isJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var reader = JSONReader(bytes)
        do {
            while try reader.next() != .end {}
            return true
        } catch {
            return false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return byte < 16 ? "0" + digits : digits
    }
}
