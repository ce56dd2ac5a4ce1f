// How to reach the service and where links are recorded: flags, then the environment, then settings files, then defaults.

import Console
import Glibc
import Ledger
import OneShotPay
import Recorder
import Scripting
import Secrets
import Settings

/// What flags say about the service; what they leave open, the environment says, then the settings files.
struct ServiceSettings {
    var baseURL: String?
    var caFile: String?
    var locale: String?
    var ledger: String?
    /// Requests a second, as written.
    var pollRate: String?
    /// How long ended links are followed, as written.
    var lateGrace: String?
    var choice = SettingsChoice()
    /// What the settings files say; nothing before `load`.
    private(set) var stack = SettingsStack()

    /// Reads the settings files: the one that was named, or that beside a script and the user's.
    /// - Throws: `SettingsProblems`, all of them.
    mutating func load(beside directory: String) throws(SettingsProblems) {
        use(choice.read(beside: directory))
        guard stack.problems.isEmpty else { throw SettingsProblems(stack.problems) }
    }

    /// Takes over files that were read before. A variable that they name as the place of a secret is one from now on.
    mutating func use(_ stack: SettingsStack) {
        self.stack = stack
        for name in stack.secretVariables { Environment.hide(name) }
    }

    /// Where links are recorded.
    /// - Throws: `LedgerError` when there is no place for it, or its password cannot be read.
    func ledgerLocation() throws(LedgerError) -> LedgerLocation { try ledgerLocation(named: ledgerName()) }

    func ledgerLocation(named name: String) throws(LedgerError) -> LedgerLocation {
        if name == ":memory:" { return .memory }
        guard LedgerPlace.isServer(name) else {
            guard !LedgerPlace.isForeign(name) else {
                throw LedgerError(
                    .misconfigured,
                    "the ledger \(ShownText.line(name.prefix { $0 != "/" } + "//…")) is nothing that is known: give a file's path, or "
                        + "postgres://USER@HOST:5432/DATABASE?sslmode=verify-full, with --ledger or PAYLINK_LEDGER")
            }
            return .file(name)
        }
        do throws(SecretFailure) { return .server(address: name, password: try ledgerPassword()) } catch {
            throw LedgerError(.misconfigured, "the ledger's password: \(error.message)")
        }
    }

    /// The ledger's file, ":memory:", or a server's address.
    func ledgerName() throws(LedgerError) -> String {
        if let name = ledger ?? Environment["PAYLINK_LEDGER"] ?? stack.text("ledger") { return name }
        return try Self.defaultLedger()
    }

    /// The file that the platform's custom names.
    static func defaultLedger() throws(LedgerError) -> String {
        var environment: [String: String] = [:]
        for name in ["XDG_STATE_HOME", "HOME"] { environment[name] = Environment[name] }
        return try SQLiteLedger.defaultPath(environment: environment, words: .commands)
    }

    /// - Throws: `OneShotPayError` with code `invalid_configuration`.
    func configuration() throws(OneShotPayError) -> OneShotPayConfiguration {
        var configuration = OneShotPayConfiguration()
        if let address = baseURL ?? Environment["PAYLINK_BASE_URL"] ?? stack.text("base_url") {
            configuration.baseURL = address
        }
        if let path = caFile ?? Environment["PAYLINK_CA_FILE"] ?? stack.text("ca_file") {
            guard access(path, R_OK) == 0 else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "the CA file \(ShownText.line(path)) cannot be read: \(String(cString: strerror(errno)))")
            }
            configuration.caFile = path
        }
        if let name = locale ?? Environment["PAYLINK_LOCALE"] ?? stack.text("locale") {
            guard let locale = CheckoutLocale(rawValue: name) else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "\"\(ShownText.line(name))\" is no language of the checkout page: use en, es or tr")
            }
            configuration.locale = locale
        }
        if let text = pollRate ?? Environment["PAYLINK_POLL_RATE"] ?? stack.text("poll_rate") {
            guard let rate = Double(text), rate > 0, rate <= 100_000 else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "the poll rate \"\(ShownText.line(text))\" is no number of requests a second between 0 and 100000"
                )
            }
            configuration.pollingRate = rate
        }
        if let text = lateGrace ?? Environment["PAYLINK_LATE_GRACE"] ?? stack.text("late_grace") {
            guard let grace = DurationText.parse(text), grace <= .seconds(30 * 86_400) else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "the late grace \"\(ShownText.line(text))\" is no duration up to 30d: \(DurationText.advice)")
            }
            configuration.lateGrace = grace
        }
        for name in [
            "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
        ] {
            if let value = Environment[name] { configuration.proxyEnvironment[name] = value }
        }
        try configuration.validate()
        return configuration
    }
}
