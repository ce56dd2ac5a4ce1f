// `paylink doctor`: whether everything that a script needs is in place, and what to do where it is not.

import ArgumentParser
import Ledger
import LuaRuntime
import OneShotPay
import Scripting

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the settings, the credentials and the way to the service.",
        discussion:
            "Exit status 0 when everything is well; else the status that a script would end with.\n\nExample:\n  paylink doctor"
    )

    @OptionGroup var service: ServiceOptions

    mutating func run() throws {
        let settings = try service.loaded()
        let configuration: OneShotPayConfiguration
        do throws(OneShotPayError) {
            configuration = try settings.configuration()
            report(true, "service", configuration.baseURL)
        } catch {
            throw bad("settings", LinkFailure(error))
        }
        do throws(OneShotPayError) {
            guard try settings.credentials() != nil else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "not set: put your user id in ONESHOT_USER_ID and your API token in ONESHOT_API_TOKEN")
            }
            report(true, "credentials", "found in the environment (the token is not shown)")
        } catch {
            throw bad("credentials", LinkFailure(error))
        }
        do throws(LedgerError) { report(true, "ledger", try openLedger(settings)) } catch {
            throw bad("ledger", LinkFailure(error))
        }
        let (outcome, _) = try ServiceSession.call(service, command: "doctor") { links, done in
            RecordedCall(links.engine.checkCredentials { result in done(result.mapError { LinkFailure($0) }) })
        }
        switch outcome {
        case .success(let lifetime):
            report(true, "sign-in", "accepted; access tokens live \(lifetime.components.seconds) s")
        case .failure(let error): throw bad("sign-in", error)
        }
    }

    private func report(_ isWell: Bool, _ what: String, _ text: String) {
        let mark = isWell ? "ok  " : "FAIL"
        Console.output(
            "\(mark) \(what)\(String(repeating: " ", count: max(1, 13 - what.count)))\(Console.onOneLine(text))")
    }

    /// Opens the ledger, or makes it, and tells where it is.
    private func openLedger(_ settings: ServiceSettings) throws(LedgerError) -> String {
        switch try settings.ledgerLocation() {
        case .memory: return "in memory: what is made is forgotten at the end of each command"
        case .file(let path):
            let ledger = try SQLiteLedger(path: path, scope: nil, run: RunDescription(command: "doctor"))
            defer { ledger.close() }
            return ledger.path
        }
    }

    private func bad(_ what: String, _ error: LinkFailure) -> ExitCode {
        report(false, what, error.message)
        return ExitStatus.of(error).code
    }
}
