// Whose links a command sums up or shows: one account's at one address.

import ArgumentParser
import Console
import Ledger
import OneShotPay
import Secrets
import Settings

struct LedgerAccountOptions: ParsableArguments {
    @Option(help: "The service's address whose links are counted. [env: PAYLINK_BASE_URL]") var baseURL: String?
    @Option(help: ArgumentHelp("The account whose links are counted.", valueName: "user id")) var account: String?
    @OptionGroup var record: LedgerOptions

    /// - Throws: an exit code; the problem has been told.
    func settings(locale: String? = nil) throws -> ServiceSettings {
        var settings = ServiceSettings(
            baseURL: baseURL, locale: locale, ledger: record.ledger, choice: record.files.choice)
        do throws(SettingsProblems) { try settings.load(beside: ".") } catch { throw Terminal.problems(error).code }
        return settings
    }

    /// The account that is named or set; where nothing is said, the only one that there is.
    /// - Throws: an exit code; the problem has been told.
    func scope(_ settings: ServiceSettings, _ session: LedgerSession) throws -> LedgerScope {
        let address: String
        var own = account
        do {
            address = try settings.configuration().checkoutBaseURL()
            if own == nil { own = try settings.userID() }
        } catch let error as OneShotPayError {
            Terminal.message(error.message)
            throw ExitStatus.configuration.code
        } catch let failure as SecretFailure {
            Terminal.message("the user id: \(failure.message)")
            throw ExitStatus.configuration.code
        }
        let scopes: [LedgerScope]
        do throws(LedgerError) { scopes = try session.store.scopes() } catch { throw LedgerSession.end(error) }
        if let own {
            let scope = LedgerScope(account: own, baseURL: address)
            if !scopes.isEmpty, !scopes.contains(scope) {
                Terminal.message(
                    "the ledger has no link of account \(ShownText.line(own)) at \(address), but of \(scopes.count) other "
                        + "account(s) or address(es): see paylink ledger list --all")
            }
            return scope
        }
        // An address that was chosen is no other's.
        let isChosen = [baseURL, Environment["PAYLINK_BASE_URL"], settings.stack.text("base_url")].contains {
            $0 != nil
        }
        let found = isChosen ? scopes.filter { $0.baseURL == address } : scopes
        if found.count == 1 { return found[0] }
        Terminal.message(
            "no account is set (ONESHOT_USER_ID, or user_id in a settings file), and the ledger has links of \(found.count)"
                + (isChosen ? " at \(address)" : "") + ": name one with --account, and its address with --base-url")
        throw ExitStatus.configuration.code
    }
}
