// The mapping of a batch, as the command line names it: how it is opened, and how its failures are told.

import Advice
import Batch
import Console
import LuaRuntime
import NIOPosix
import Scripting

/// `--map SCRIPT.lua`, with its limits.
struct BatchMapping {
    var path: String
    var limits = LuaLimits()
    var isolation = IsolationChoice.none

    /// - Parameter service: whose settings, secrets and ledger are out of the mapping's reach.
    /// - Throws: ``BatchError`` with code `usage` when the script cannot be read.
    func open(_ service: ServiceSettings, _ reporter: ProgressReporter) throws(BatchError) -> RowMapping {
        let script: ScriptSource
        do throws(ScriptFile.Problem) { script = try ScriptFile.load(path) } catch {
            throw BatchError(error.status == .badInput ? .badInput : .usage, "--map: \(error.message)")
        }
        var options = ScriptOptions(limits: limits)
        options.words = .commands
        options.isolation = isolation.isolation(isUntrusted: false, processorTime: nil, name: script.name)
        options.files.reserved = service.reservedFiles(beside: script.directory ?? ".")
        if let level = Environment["PAYLINK_LOG"].flatMap(LogLevel.init) { options.logLevel = level }
        options.whenStuck = GivingUp.stuck(script.name, limit: limits.stretch) {
            reporter.clear()
            Terminal.message("nothing was sent")
        }
        return RowMapping(
            script, options: options, on: MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        ) { message in
            reporter.clear()
            Terminal.log(message)
        }
    }

    func tell(_ failure: MappingFailure) {
        var hint: String?
        if failure.message.hasSuffix("not enough memory") {
            hint = "the mapping may use \(limits.memory >> 20) MB; --memory allows more"
        } else if failure.failure.stop == .stretch {
            hint = "--max-busy allows more"
        }
        Terminal.failure(failure.failure, source: failure.script, hint: hint)
        Terminal.message("nothing was sent")
    }
}
