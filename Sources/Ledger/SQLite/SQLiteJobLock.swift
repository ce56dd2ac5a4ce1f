// One run of a job at a time: a lock that the kernel takes back when its process is gone, however it went.
// Programs that a script starts do not inherit it: the descriptor is closed in them (O_CLOEXEC).

package import Advice
import Files

/// The lock of one job, a file beside the ledger's.
package final class SQLiteJobLock: JobLock {
    private let path: String
    private let words: AdviceWords
    private var lock: FileLock?

    /// - Parameter ledger: the ledger's file; locks lie in a folder beside it.
    package init(job: String, besides ledger: String, words: AdviceWords = .neutral) throws(LedgerError) {
        self.words = words
        let folder = Self.folder(beside: ledger)
        path = "\(folder)/\(job)\(Self.suffix)"
        do throws(SystemError) { try Folder.make(folder) } catch {
            throw Self.problem(words, "cannot create the folder \(folder) for the locks of jobs", error)
        }
    }

    /// How the names of locks end.
    package static let suffix = ".lock"

    /// Where the locks lie.
    package static func folder(beside ledger: String) -> String {
        let slash = ledger.utf8.lastIndex(of: UInt8(ascii: "/"))
        return (slash.map { String(ledger[..<$0]) } ?? ".") + "/jobs"
    }

    package var place: String { path }

    package func take() throws(LedgerError) -> Bool {
        while true {
            let file: FileLock
            do throws(SystemError) { file = try FileLock(path) } catch {
                throw Self.problem(words, "cannot open the lock \(path)", error)
            }
            do throws(SystemError) { guard try file.take() else { return false } } catch {
                throw Self.problem(words, "cannot lock \(path)", error)
            }
            guard file.hasItsName else { continue }
            lock = file
            return true
        }
    }

    private static func problem(_ words: AdviceWords, _ what: String, _ error: SystemError) -> LedgerError {
        LedgerError(.failed, "\(what): \(error); make the folder writable, or \(words(.ledger(.another)))")
    }
}
