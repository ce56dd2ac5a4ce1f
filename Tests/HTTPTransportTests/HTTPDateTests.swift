// Dates as HTTP writes them.

import Testing

@testable import HTTPTransport

@Suite struct HTTPDateTests {
    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        ] as [(String, Int64)])
    func convertsDates(text: String, seconds: Int64) {
        #expect(HTTPDate.parse(text) == seconds)
    }

    /// Like the form that most servers write, and no date.
    @Test(
        arguments: [
            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
            "S-n, 06 Nov 1994 08:49:37 GMT", "Sun, 0x Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:3", "",
        ])
    func refusesWhatIsNone(text: String) { #expect(HTTPDate.parse(text) == nil) }

    @Test func takesAnyCaseOfLetters() {
        #expect(HTTPDate.parse("sun, 06 NOV 1994 08:49:37 gmt") == 784_111_777)
    }
}
