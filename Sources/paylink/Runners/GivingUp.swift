// The end of the process while something in it does not end: a read that blocks, or code that looks at no clock.

import Glibc
import Ledger
import LuaRuntime

enum GivingUp {
    /// Ends the process. What is on its way into the ledger, perhaps held up by another process, is not thrown away.
    static func exit(_ status: ExitStatus, after last: () -> Void) -> Never {
        waitForLedger()
        last()
        _exit(status.rawValue)
    }

    /// Should Lua lose its way, the process ends as well, and here, too, the ledger gets what is on its way.
    static func prepare() { LuaLastResort.beforeEnding { GivingUp.waitForLedger() } }

    /// 20 seconds at most.
    private static func waitForLedger() {
        for _ in 0..<200 where LedgerWriter.areBusy { usleep(100_000) }
    }

    /// For a script that has gone on after `--max-busy` was reached: Lua looks at no clock while it reads a large source,
    /// collects garbage or waits for standard input, say.
    static func stuck(
        _ name: String, limit: Duration?, _ last: @escaping @Sendable () -> Void
    ) -> @Sendable (LuaStop) -> Void {
        let milliseconds = Int(((limit ?? .zero) / .milliseconds(1)).rounded())
        return { _ in
            exit(.timeLimit) {
                Terminal.message(
                    "\(name): ran for more than \(milliseconds) ms without waiting and did not stop, so the process was "
                        + "ended; --max-busy allows more")
                last()
            }
        }
    }
}
