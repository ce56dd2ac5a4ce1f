// The mapping of a batch, as the command runs it: its script, its limits, and how its failures are told.

import Batch
import CSV
import Console
import Glibc
import LuaRuntime
import NIOCore
import NIOPosix
import OneShotPay
import Scripting

/// `--map SCRIPT.lua`. `stop` and `interrupt` may be called from any thread.
final class BatchMapping: Sendable {
    /// Why nothing was sent.
    struct Failure: Error {
        var failure: ScriptFailure
        var script: ScriptSource

        var message: String { failure.message }
        var end: BatchSummary.End { ExitStatus.of(failure) == .timeLimit ? .scriptLimit : .scriptFailed }

        func tell(limits: LuaLimits) {
            var hint: String?
            if message.hasSuffix("not enough memory") {
                hint = "the mapping may use \(limits.memory >> 20) MB; --memory allows more"
            } else if failure.stop == .stretch {
                hint = "--max-busy allows more"
            }
            Console.failure(failure, source: script, hint: hint)
            Console.message("nothing was sent")
        }
    }

    private let script: ScriptSource
    private let mapping: RowMapping
    private let reporter: ProgressReporter

    /// - Throws: ``BatchError`` with code `usage` when the script cannot be read.
    /// - Parameter service: whose settings, secrets and ledger are out of the mapping's reach.
    init(
        _ path: String, limits: LuaLimits, isolation: IsolationChoice, service: ServiceSettings,
        _ reporter: ProgressReporter
    ) throws(BatchError) {
        do throws(ScriptFile.Problem) { script = try ScriptFile.load(path) } catch {
            throw BatchError(error.status == .badInput ? .badInput : .usage, "--map: \(error.message)")
        }
        self.reporter = reporter
        var options = ScriptOptions(limits: limits)
        options.isolation = isolation.isolation(isUntrusted: false, processorTime: nil, name: script.name)
        options.files.reserved = service.reservedFiles(beside: script.directory ?? ".")
        if let level = Environment["PAYLINK_LOG"].flatMap(LogLevel.init) { options.logLevel = level }
        options.whenStuck = GivingUp.stuck(script.name, limit: limits.stretch) {
            reporter.clear()
            Console.message("nothing was sent")
        }
        mapping = RowMapping(
            script, options: options, on: MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        ) { message in
            reporter.clear()
            Console.log(message)
        }
    }

    func stop(_ reason: LuaStop) { mapping.stop(reason) }

    func interrupt(_ reason: LuaStop) { mapping.interrupt(reason) }

    /// The table of the rows' terms, in a file without a name.
    func run(_ input: BatchInput, delimiter: CSVDelimiter, beside files: BatchFiles) throws -> MappedTable {
        do {
            return try mapping.run(input, delimiter: delimiter, folders: folders(files)) { [reporter] rows in
                reporter.update(BatchProgress(.mapping, done: rows, total: nil))
            }
        } catch let error as MappingFailure {
            throw Failure(failure: error.failure, script: script)
        } catch let failure as ScriptFailure {
            throw Failure(failure: failure, script: script)
        }
    }

    /// Beside the results, where there is room for a file of that size.
    private func folders(_ files: BatchFiles) -> [String] {
        let temporary = [Environment["TMPDIR"], "/tmp"].compactMap { $0 }
        guard case .file(let path) = files.results else { return temporary }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return [folder] + temporary
    }
}
