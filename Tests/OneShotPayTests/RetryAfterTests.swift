// The Retry-After header in all its forms, and what is no such thing.

import HTTPTransport
import Testing

@testable import OneShotPay

@Suite struct RetryAfterTests {
    static let now: Int64 = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT

    @Test(
        arguments: [
            ("0", 0), ("5", 5), (" 120 ", 120), ("1.5", 2), ("2.0", 2), ("99999999999999999999", 86_400),
            ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
            ("Sun Nov  6 08:49:47 1994", 10),
            ("Sun, 06 Nov 1994 08:49:00 GMT", 0), ("Fri, 01 Jan 2100 00:00:00 GMT", 86_400),
        ] as [(String, Int64)])
    func readsBothForms(value: String, seconds: Int64) {
        #expect(RetryAfter.parse(value, now: Self.now) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "soon", "-5", "5 seconds", "0x10", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:47 GMT",
        "Sun, 06 Foo 1994 08:49:47 GMT",
        "Sun, 06 Nov 1994 25:49:47 GMT", "Sun, 06 Nov 1994 08:49:47 PST", ",,,,,,", "a b c d e", "1.2.3", "é",
    ])
    func ignoresGarbage(value: String) {
        #expect(RetryAfter.parse(value, now: Self.now) == nil)
    }
}
