// Reading encoded values that are cut short: reading and stepping over agree.

import CLuaHost
import Testing

@testable import LuaRuntime

@Suite struct LuaReaderTests {
    private static let secret = UInt8(LH_SECRET.rawValue), end = UInt8(LH_END.rawValue)
    private static let array = UInt8(LH_ARRAY.rawValue), string = UInt8(LH_STRING.rawValue)

    @Test(arguments: [
        [secret], [secret, end], [secret, secret], [secret, array, 1, 0], [array, 1], [UInt8(LH_MAP.rawValue), 0, 0],
    ])
    func whatIsCutShortIsNoValueAndNotSteppedOver(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var reading = LuaReader(bytes), skipping = LuaReader(bytes)
            #expect((reading.value()) == nil)
            #expect((skipping.skip()) == false)
        }
    }

    @Test func aWholeSecretIsShownAsStars() {
        let bytes = [Self.secret, Self.array, 1, 0, 0, 0, Self.string, 2, 0, 0, 0, 0x68, 0x69, Self.end]
        bytes.withUnsafeBytes { bytes in
            var reader = LuaReader(bytes)
            guard case .string("***")? = reader.value() else {
                Issue.record("not shown as stars")
                return
            }
            #expect(reader.kind == nil)
        }
    }
}
