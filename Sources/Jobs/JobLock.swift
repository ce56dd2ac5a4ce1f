// One run of a job at a time: a lock that the kernel takes back when its process is gone, however it went.
// Programs that a script starts do not inherit it: the descriptor is closed in them (O_CLOEXEC).

import Files
import Glibc

/// The lock of one job.
package final class JobLock {
    package struct Problem: Error, Sendable, Hashable {
        package var message: String
    }

    package let path: String
    private var lock: FileLock?

    /// - Parameter ledger: the ledger's file; locks lie in a folder beside it.
    package init(job: String, besides ledger: String) throws(Problem) {
        let folder = Self.folder(beside: ledger)
        path = "\(folder)/\(job)\(Self.suffix)"
        do throws(SystemError) { try Folder.make(folder) } catch {
            throw Self.problem("cannot create the folder \(folder) for the locks of jobs", error)
        }
    }

    /// How the names of locks end.
    package static let suffix = ".lock"

    /// Where the locks lie.
    package static func folder(beside ledger: String) -> String {
        let slash = ledger.utf8.lastIndex(of: UInt8(ascii: "/"))
        return (slash.map { String(ledger[..<$0]) } ?? ".") + "/jobs"
    }

    /// Takes the lock unless another process has it.
    package func take() throws(Problem) -> Bool {
        while true {
            let file: FileLock
            do throws(SystemError) { file = try FileLock(path) } catch {
                throw Self.problem("cannot open the lock \(path)", error)
            }
            do throws(SystemError) { guard try file.take() else { return false } } catch {
                throw Self.problem("cannot lock \(path)", error)
            }
            guard file.hasItsName else { continue }
            lock = file
            return true
        }
    }

    /// Tries for as long as `limit`, a few times a second.
    package func take(within limit: Duration) throws(Problem) -> Bool {
        let end = ContinuousClock.now + limit
        while try !take() {
            guard ContinuousClock.now < end else { return false }
            usleep(100_000)
        }
        return true
    }

    private static func problem(_ what: String, _ error: SystemError) -> Problem {
        Problem(
            message:
                "\(what): \(error); make the folder writable, or give another place for the "
                + "ledger with --ledger or PAYLINK_LEDGER")
    }
}
