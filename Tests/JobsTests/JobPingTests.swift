// Where a monitor is told of what: the address of each moment.

import Testing

@testable import Jobs

@Suite struct JobPingTests {
    static let addresses: [(base: String, moment: JobPing.Moment, address: String)] = [
        ("https://m.example/abc", .start, "https://m.example/abc/start?run=1"),
        ("https://m.example/abc", .success, "https://m.example/abc?run=1"),
        ("https://m.example/abc", .failure, "https://m.example/abc/fail?run=1"),
        ("https://m.example/abc/", .failure, "https://m.example/abc/fail?run=1"),
        ("https://m.example/abc/", .success, "https://m.example/abc/?run=1"),
        ("https://m.example/abc?x=1", .start, "https://m.example/abc/start?x=1&run=1"),
        ("https://m.example/abc?", .start, "https://m.example/abc/start?run=1"),
        ("https://m.example/abc?x=1#part", .success, "https://m.example/abc?x=1&run=1"),
    ]

    @Test(arguments: addresses.indices)
    func thePathGoesOnAndTheQueryIsKept(_ index: Int) {
        let (base, moment, address) = Self.addresses[index]
        #expect(JobPing.address(base, moment, "run=1") == address)
    }
}
