// The account's credentials, and the secrets that scripts name: from the places that the person who runs this chose.

import Console
import Glibc
import OneShotPay
import Scripting
import Secrets
import Settings

extension ServiceSettings {
    /// The credentials' names among those that the service manager gives.
    static let userCredential = "oneshot_user_id"
    static let tokenCredential = "oneshot_api_token"
    static let ledgerCredential = "ledger_password"

    static let reader = SecretReader { Environment[$0] }

    /// The account; `nil` when nothing is said about it anywhere.
    /// - Throws: `OneShotPayError` with code `invalid_configuration`: half of it is missing, or cannot be read.
    func credentials() throws(OneShotPayError) -> Credentials? {
        do throws(SecretFailure) {
            let user = try userID(), token = try tokenPlace()
            switch (user, token) {
            case (nil, nil): return nil
            case (let user?, let token?):
                let secret = try Self.reader.read(token)
                do throws(OneShotPayError) { return try Credentials(userID: user, apiToken: secret) } catch {
                    throw SecretFailure(.unreadable, "\(error.message); the token comes from \(token)")
                }
            case (nil, let token?):
                throw SecretFailure(
                    .notFound,
                    "the user id is missing: the API token is there (\(token)), but ONESHOT_USER_ID is not set (or is empty), and no settings file has user_id"
                )
            case (_?, nil):
                throw SecretFailure(
                    .notFound,
                    "the API token is missing: ONESHOT_API_TOKEN is not set (or is empty), and no settings file has token, such as token = { file = \"…\" }"
                )
            }
        } catch {
            throw OneShotPayError(.invalidConfiguration, error.message)
        }
    }

    func userID() throws(SecretFailure) -> String? {
        if let user = Environment["ONESHOT_USER_ID"] ?? stack.text("user_id") { return user }
        return try Self.reader.credential(Self.userCredential)
    }

    /// Where the API token is; `nil` when nothing says so.
    func tokenPlace() throws(SecretFailure) -> SecretPlace? {
        if Environment["ONESHOT_API_TOKEN"] != nil { return .environment("ONESHOT_API_TOKEN") }
        if let place = stack["token"]?.secret { return place }
        guard let folder = Environment["CREDENTIALS_DIRECTORY"] else { return nil }
        return access(folder + "/" + Self.tokenCredential, F_OK) == 0 ? .credential(Self.tokenCredential) : nil
    }

    /// The password of the ledger's server; `nil` when nothing is said about it, as where the server asks for none or
    /// `PGPASSFILE` names it.
    func ledgerPassword() throws(SecretFailure) -> String? {
        if let password = Environment["PGPASSWORD"] { return password }
        if let place = stack["ledger_password"]?.secret { return try Self.reader.read(place) }
        return try Self.reader.credential(Self.ledgerCredential)
    }

    /// What `secret(…)` gives to scripts. The account's own are not among it.
    var secretSource: SecretSource {
        let stack = stack
        return SecretSource { name in
            do throws(SecretFailure) { return .success(try Self.secret(name, stack)) } catch {
                return .failure(SecretProblem(code: error.code.rawValue, message: error.message))
            }
        }
    }

    private static func secret(_ name: String, _ stack: SettingsStack) throws(SecretFailure) -> String {
        guard SecretPlace.isName(name), ![userCredential, tokenCredential, ledgerCredential].contains(name) else {
            throw SecretFailure(.notFound, "\"\(ShownText.line(name))\" is no name that a script's secret can have")
        }
        if let place = stack.secret(name) { return try reader.read(place) }
        if let text = try reader.credential(name) { return text }
        if let text = Environment["PAYLINK_SECRET_" + name] { return text }
        throw SecretFailure(
            .notFound,
            "there is no secret \"\(name)\": name its place under [secrets] in a settings file, or set PAYLINK_SECRET_\(name)"
        )
    }
}
