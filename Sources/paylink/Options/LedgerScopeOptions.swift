// Whose rows a listing shows: this account's at this address, unless all are asked for.

import ArgumentParser
import Ledger
import OneShotPay
import Secrets
import Settings

struct LedgerScopeOptions: ParsableArguments {
    @Flag(help: "Links of every account and address, with a column that tells which.")
    var all = false

    @Option(help: "The service's address whose links are shown. [env: PAYLINK_BASE_URL]")
    var baseURL: String?

    /// The scope of the settings, or of the account that a filter names; `nil`: every one.
    /// - Throws: an exit code; the problem has been told.
    func scope(_ record: LedgerOptions, _ filters: LedgerFilters) throws -> LedgerScope? {
        guard !all else { return nil }
        var settings = ServiceSettings(baseURL: baseURL, ledger: record.ledger, choice: record.files.choice)
        do throws(SettingsProblems) { try settings.load(beside: ".") } catch { throw Terminal.problems(error).code }
        do {
            let address = try settings.configuration().checkoutBaseURL()
            if let account = try filters.account ?? settings.userID() {
                return LedgerScope(account: account, baseURL: address)
            }
        } catch let error as OneShotPayError {
            Terminal.message(error.message)
            throw ExitStatus.configuration.code
        } catch let failure as SecretFailure {
            Terminal.message("the user id: \(failure.message)")
            throw ExitStatus.configuration.code
        }
        Terminal.message(
            "no account is set (ONESHOT_USER_ID, or user_id in a settings file): links of all accounts are shown")
        return nil
    }
}

extension LedgerSession {
    /// Says that there is more than what was listed, if there is.
    func tellOfOthers(than scope: LedgerScope) throws {
        let others: [LedgerScope]
        do throws(LedgerError) { others = try store.scopes().filter { $0 != scope } } catch { throw Self.end(error) }
        guard !others.isEmpty else { return }
        Terminal.message(
            "shown: account \(scope.account) at \(scope.baseURL); the ledger has links of \(others.count) other account(s) "
                + "or address(es), which --all shows")
    }
}
