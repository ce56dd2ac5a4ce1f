// How to reach the service: flags, then environment variables, then the defaults; and the credentials.

import ArgumentParser
import Glibc
import Ledger
import OneShotPay
import Scripting

struct ServiceOptions: ParsableArguments {
    @Option(help: "The service's address; plain http only for this machine. [env: PAYLINK_BASE_URL]")
    var baseURL: String?

    @Option(
        help: ArgumentHelp("A PEM file of certificates to trust as well. [env: PAYLINK_CA_FILE]", valueName: "file"))
    var caFile: String?

    @Option(help: "Language of checkout pages: en, es or tr. [env: PAYLINK_LOCALE]")
    var locale: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Requests a second that all waits together may make; a fifth of it is left to creating links. [env: PAYLINK_POLL_RATE]",
            valueName: "n"))
    var pollRate: String?

    @OptionGroup var record: LedgerOptions

    var settings: ServiceSettings {
        ServiceSettings(baseURL: baseURL, caFile: caFile, locale: locale, ledger: record.ledger, pollRate: pollRate)
    }
}

struct LedgerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where links are recorded; :memory: forgets them at the end. [env: PAYLINK_LEDGER]", valueName: "file"))
    var ledger: String?

    /// The file that `flag`, the environment or the platform's custom names.
    static func path(_ flag: String?) throws(LedgerError) -> String {
        if let path = flag ?? Environment["PAYLINK_LEDGER"] { return path }
        return try defaultPath()
    }

    /// The file that the platform's custom names.
    static func defaultPath() throws(LedgerError) -> String {
        var environment: [String: String] = [:]
        for name in ["XDG_STATE_HOME", "HOME"] { environment[name] = Environment[name] }
        return try SQLiteLedger.defaultPath(environment: environment)
    }
}

/// What flags say about the service; what they leave open, the environment says.
struct ServiceSettings {
    var baseURL: String?
    var caFile: String?
    var locale: String?
    var ledger: String?
    /// Requests a second, as written.
    var pollRate: String?

    /// Where links are recorded.
    /// - Throws: `LedgerError` when there is no place for it.
    func ledgerLocation() throws(LedgerError) -> LedgerLocation {
        let path = try LedgerOptions.path(ledger)
        return path == ":memory:" ? .memory : .file(path)
    }

    /// - Throws: `OneShotPayError` with code `invalid_configuration`.
    func configuration() throws(OneShotPayError) -> OneShotPayConfiguration {
        var configuration = OneShotPayConfiguration()
        if let address = baseURL ?? Environment["PAYLINK_BASE_URL"] { configuration.baseURL = address }
        if let path = caFile ?? Environment["PAYLINK_CA_FILE"] {
            guard access(path, R_OK) == 0 else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "the CA file \(Console.onOneLine(path)) cannot be read: \(String(cString: strerror(errno)))")
            }
            configuration.caFile = path
        }
        if let name = locale ?? Environment["PAYLINK_LOCALE"] {
            guard let locale = CheckoutLocale(rawValue: name) else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "\"\(Console.onOneLine(name))\" is no language of the checkout page: use en, es or tr")
            }
            configuration.locale = locale
        }
        if let text = pollRate ?? Environment["PAYLINK_POLL_RATE"] {
            guard let rate = Double(text), rate > 0, rate <= 100_000 else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "the poll rate \"\(Console.onOneLine(text))\" is no number of requests a second between 0 and 100000")
            }
            configuration.pollingRate = rate
        }
        for name in [
            "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
        ] {
            if let value = Environment[name] { configuration.proxyEnvironment[name] = value }
        }
        try configuration.validate()
        return configuration
    }

    /// The account, from the environment; `nil` when neither variable is set.
    static func credentials() throws(OneShotPayError) -> Credentials? {
        let user = Environment["ONESHOT_USER_ID"], token = Environment["ONESHOT_API_TOKEN"]
        switch (user, token) {
        case (nil, nil): return nil
        case (let user?, let token?): return try Credentials(userID: user, apiToken: token)
        case (nil, _): throw missing("ONESHOT_USER_ID")
        case (_, nil): throw missing("ONESHOT_API_TOKEN")
        }
    }

    private static func missing(_ name: String) -> OneShotPayError {
        OneShotPayError(
            .invalidConfiguration,
            "\(name) is not set (or is empty): both ONESHOT_USER_ID and ONESHOT_API_TOKEN are needed")
    }
}

/// The process's environment. An empty variable counts as one that is not set.
enum Environment {
    static subscript(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}

/// A duration on the command line.
struct DurationArgument: ExpressibleByArgument, CustomStringConvertible {
    var duration: Duration
    /// What was given, when it is no duration: `problem` then says so under the option's name.
    private var text: String?

    init(duration: Duration) { self.duration = duration }

    init(argument: String) {
        duration = DurationText.parse(argument) ?? .zero
        if duration <= .zero { text = argument }
    }

    /// What is wrong with it, for the option `name`.
    func problem(_ name: String) -> ValidationError? {
        text.map {
            ValidationError("\(name): \"\(Console.onOneLine($0))\" is no duration above zero: \(DurationText.advice)")
        }
    }

    var description: String { "\(duration.components.seconds)s" }
}
