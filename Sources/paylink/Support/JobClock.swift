// The time by which jobs are due. Debug builds can be told another one, so that tests need not wait for midnight.

import Glibc

enum JobClock {
    /// Unix seconds. A debug build takes them from `PAYLINK_TEST_NOW`, if it is set.
    static var now: Int64 {
        #if DEBUG
            if let given = Environment["PAYLINK_TEST_NOW"].flatMap({ Int64($0) }) { return given }
        #endif
        return Int64(time(nil))
    }
}
