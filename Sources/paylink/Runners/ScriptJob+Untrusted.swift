// What `--untrusted` changes about a run: the ledger is the script's own, and settings grant nothing.

import Console
import Glibc
import Ledger
import LuaRuntime
import OneShotPay
import Recorder
import Scripting
import Settings

extension ScriptJob {
    /// A file beside the ledger that other scripts use; one that `--ledger` names may not be that ledger.
    /// - Throws: `LedgerError` when there is no place for it, ``Refusal`` for a ledger that others use.
    func untrustedLedger(_ source: ScriptSource) throws -> LedgerLocation {
        guard let own = service.ledger else {
            switch try service.ledgerLocation() {
            case .memory: return .memory
            case .file(let shared): return .file(UntrustedLedger.path(for: source, beside: shared))
            case .server: return .file(UntrustedLedger.path(for: source, beside: try ServiceSettings.defaultLedger()))
            }
        }
        guard own != ":memory:" else { return .memory }
        guard !LedgerPlace.isServer(own) else {
            throw Refusal(
                message: "--ledger: with --untrusted it names a ledger of the script's own, which is a file, and "
                    + "\(ShownText.line(own)) is a server's; leave it out, or name a file")
        }
        var others = service
        others.ledger = nil
        let shared = try others.ledgerName()
        guard !FileKind.isSame(own, shared) else {
            throw Refusal(
                message: "--ledger: with --untrusted it names a ledger of the script's own, and "
                    + "\(ShownText.line(own)) is the one that other scripts use; leave it out, or name another file")
        }
        return .file(own)
    }

    struct Refusal: Error {
        var message: String
    }

    /// Says which settings do not count, so that nobody waits for them to.
    mutating func noteIgnoredSettings() {
        for key in service.stack.keys where key.hasPrefix("allow.") {
            for entry in service.stack.list(key) {
                notes.append(
                    "\(ShownText.line(entry.origin)): \(key) is ignored: the script runs with --untrusted")
            }
        }
        let beside = SettingsStack.places(named: service.choice.named, directory: directory) { _ in nil }
        for place in beside where !place.isNamed && access(place.path, F_OK) == 0 {
            notes.append(
                "\(ShownText.line(place.path)) is not read: it lies beside a script that runs with --untrusted, and may "
                    + "have come with it; --config=\(ShownText.line(place.path)) reads it")
        }
    }
}
