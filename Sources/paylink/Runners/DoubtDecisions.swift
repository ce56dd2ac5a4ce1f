// What a person has decided of many doubts: performed scope by scope, told one by one.

import ArgumentParser
import Console
import Ledger

/// Why a key cannot be decided.
struct DoubtRefusal: Error {
    var message: String
    /// The status that it ends the command with; 65 when `nil`.
    var status: ExitCode?

    init(_ message: String, status: ExitCode? = nil) {
        self.message = message
        self.status = status
    }
}

enum DoubtSelection {
    static func validate(_ keys: [String], all: Bool, _ filters: DoubtFilters) throws {
        if all, !keys.isEmpty { throw ValidationError("Give keys or --all, not both") }
        if !all, keys.isEmpty { throw ValidationError("Missing the keys; or --all with a filter") }
        if all, filters.isEmpty {
            throw ValidationError(
                "--all needs a filter: --key-prefix, --links, --effects, --older-than or --account")
        }
        if !all, filters.narrows { throw ValidationError("of the filters only --account goes with keys") }
    }
}

struct DoubtDecisions {
    private var scopes: [LedgerScope] = []
    private var operations: [LedgerScope: [(key: String, operation: LedgerOperation)]] = [:]
    private var refusals: [DoubtRefusal] = []

    mutating func add(_ scope: LedgerScope, _ key: String, _ operation: LedgerOperation) {
        if operations[scope] == nil { scopes.append(scope) }
        operations[scope, default: []].append((key, operation))
    }

    mutating func refuse(_ message: String) { refuse(DoubtRefusal(message)) }

    mutating func refuse(_ refusal: DoubtRefusal) { refusals.append(refusal) }

    /// Performs all that was decided, and tells of each.
    /// - Parameters:
    ///   - refused: what is said of a key whose row does not allow it.
    /// - Throws: an exit code, when anything was refused.
    func perform(
        _ record: LedgerOptions, command: String, whenNone: String, said: String, refused: (String) -> String
    ) throws {
        if scopes.isEmpty, refusals.isEmpty { Terminal.message(whenNone) }
        var status = refusals.first.map { $0.status ?? ExitStatus.badInput.code }
        for refusal in refusals { Terminal.message(refusal.message) }
        for scope in scopes {
            let decided = operations[scope] ?? []
            let writer = try LedgerSession(record, scope: scope, command: command)
            defer { writer.store.close() }
            let answers: [LedgerAnswer]
            do throws(LedgerError) {
                answers = try writer.store.perform(decided.map(\.operation))
                _ = try writer.store.perform([.endRun(exitStatus: 0)])
            } catch {
                throw LedgerSession.end(error)
            }
            for ((key, _), answer) in zip(decided, answers) {
                let shown = ShownText.line(key)
                if answer == .changed(true) {
                    Terminal.message("key \"\(shown)\": \(said)")
                } else {
                    Terminal.message(refused(shown))
                    status = status ?? ExitStatus.badInput.code
                }
            }
        }
        if let status { throw status }
    }
}
