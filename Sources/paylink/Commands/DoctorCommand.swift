// `paylink doctor`: whether everything that a script needs is in place, and what to do where it is not.

import ArgumentParser
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
        let configuration: OneShotPayConfiguration
        do throws(OneShotPayError) {
            configuration = try service.settings.configuration()
            report(true, "service", configuration.baseURL)
        } catch {
            throw bad("settings", error)
        }
        do throws(OneShotPayError) {
            guard try ServiceSettings.credentials() != nil else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "not set: put your user id in ONESHOT_USER_ID and your API token in ONESHOT_API_TOKEN")
            }
            report(true, "credentials", "found in the environment (the token is not shown)")
        } catch {
            throw bad("credentials", error)
        }
        let (outcome, _) = try ServiceSession.call(service) { engine, done in engine.checkCredentials(done) }
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

    private func bad(_ what: String, _ error: OneShotPayError) -> ExitCode {
        report(false, what, error.message)
        return ExitStatus.of(error.code).code
    }
}
