// The time by which jobs are due. Debug builds can be told another one, so that tests need not wait for midnight.

import Glibc

package struct JobClock: Sendable {
    private let read: @Sendable () -> Int64

    package init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    /// Unix seconds.
    package var now: Int64 { read() }

    /// The machine's. A debug build takes the time from `PAYLINK_TEST_NOW`, if it is set.
    package static let system = JobClock {
        #if DEBUG
            if let given = getenv("PAYLINK_TEST_NOW").flatMap({ Int64(String(cString: $0)) }) { return given }
        #endif
        return Int64(time(nil))
    }
}
