// The fixtures that the sandbox's wire form is tested against as well: both sides must agree on them.

import JSON
import Testing

@testable import OneShotPay

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct FixtureTests {
    /// The bytes of a file in Tests/Fixtures.
    static func bytes(_ name: String, from source: String = #filePath) throws -> [UInt8] {
        let resolved = try #require(realpath(source, nil))
        defer { free(resolved) }
        let folder = String(cString: resolved).split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        let file = try #require(fopen("\(folder)/Fixtures/\(name)", "r"), "Tests/Fixtures/\(name) is missing")
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    static func link(_ name: String) throws -> PayLink {
        try bytes(name).withUnsafeBytes { try PayLink(json: $0, page: Sample.page) }
    }

    @Test func readsAnActiveLink() throws {
        let link = try Self.link("link-active.json")
        #expect(link.status == .active && link.amount.description == "12.50" && link.payment == nil)
        #expect(link.description == "Order 1001" && link.expiresAt == 1_800_000_900 && link.payer != nil)
    }

    @Test func readsAPaidLink() throws {
        let link = try Self.link("link-paid.json")
        #expect(link.status == .paid && link.paymentCount == 1 && link.payment?.amount == link.amount)
        #expect(link.payment?.payLinkID == link.id && link.payment?.isSettled == true)
    }

    @Test func readsAToken() throws {
        let reply = try Self.bytes("token.json").withUnsafeBytes { TokenReply($0, scratch: JSONScratch()) }
        #expect(reply?.lifetime == .seconds(3_600))
    }

    @Test func asksForALinkInTheSameForm() throws {
        var terms = CreatePayLink(amount: try Money(parsing: "12.50"), description: "Order 1001")
        terms.mediaURL = "https://example.com/widget.png"
        terms.expiresAt = 1_800_000_900
        terms.payer = UserID("123e4567-e89b-12d3-a456-426614174000")
        let writer = JSONWriter()
        terms.write(to: writer)
        #expect(try fields(writer.bytes) == Self.bytes("create-request.json").withUnsafeBytes(fields))
    }

    /// The members of a flat object, numbers by value.
    private func fields(_ bytes: UnsafeRawBufferPointer) throws -> [String: String] {
        var reader = JSONReader(bytes)
        var fields: [String: String] = [:]
        _ = try reader.next()
        while try reader.next() == .key {
            let key = reader.string
            switch try reader.next() {
            case .number: fields[key] = reader.double.map { "\($0)" }
            case .string: fields[key] = reader.string
            case let token: fields[key] = "\(token)"
            }
        }
        return fields
    }
}
