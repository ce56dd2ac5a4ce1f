// The checks of doctor, one after the other; each goes on where the one before has failed.

import Glibc
import HTTPTransport
import Ledger
import OneShotPay
import Recorder
import Scripting
import Secrets
import Settings

struct DoctorChecks {
    var settings: ServiceSettings
    let directory: String
    let script: String?
    var report: DoctorReport

    /// Everything. Never prints a secret, and runs no command but those that give one.
    mutating func run() throws {
        files()
        let isReachable = service()
        let hasAccount = account()
        secrets()
        permissions()
        scripts()
        try scriptItself()
        ledger()
        guard isReachable, hasAccount, settings.stack.problems.isEmpty else { return }
        try signIn()
    }

    private mutating func files() {
        let stack = settings.choice.read(beside: directory)
        settings.use(stack)
        for file in stack.files {
            report.add(file.problems.isEmpty ? .well : .note, "settings", file.path)
        }
        if stack.files.isEmpty {
            let places = SettingsStack.places(named: settings.choice.named, directory: directory) { Environment[$0] }
            report.add(.well, "settings", "no file; looked for " + places.map(\.path).joined(separator: " and "))
        }
        if let profile = settings.choice.chosenProfile { report.add(.note, "profile", profile) }
        for problem in stack.problems { report.fail("settings", problem.description, .configuration) }
    }

    private mutating func service() -> Bool {
        let baseURL: String?
        do throws(OneShotPayError) {
            let configuration = try settings.configuration()
            try proxy(configuration)
            baseURL = configuration.baseURL
        } catch {
            baseURL = nil
            report.fail("service", error.message, ExitStatus.of(LinkFailure(error)))
        }
        if let baseURL {
            report.add(.well, "service", baseURL, origin: origin(settings.baseURL, "PAYLINK_BASE_URL", "base_url"))
        }
        let rest: [(String?, String, String)] = [
            (settings.caFile, "PAYLINK_CA_FILE", "ca_file"), (settings.locale, "PAYLINK_LOCALE", "locale"),
            (settings.pollRate, "PAYLINK_POLL_RATE", "poll_rate"),
            (settings.lateGrace, "PAYLINK_LATE_GRACE", "late_grace"), (nil, "PAYLINK_LOG", "log_level"),
        ]
        for (flag, variable, key) in rest {
            guard let value = flag ?? Environment[variable] ?? settings.stack.text(key) else { continue }
            report.add(.note, key, value, origin: origin(flag, variable, key))
        }
        return baseURL != nil
    }

    /// The proxy on the way to the service, and what is wrong with the exceptions from it.
    private mutating func proxy(_ configuration: OneShotPayConfiguration) throws(OneShotPayError) {
        let proxies = try configuration.proxies()
        if let proxy = proxies.proxy(for: try configuration.baseAddress()) {
            report.add(.note, "proxy", "\(proxy)", origin: "environment")
        }
        for problem in proxies.problems {
            report.add(.warning, "no_proxy", "\(problem); the entry excepts nothing", origin: "environment")
        }
    }

    /// Where the value that counts was given.
    private func origin(_ flag: String?, _ variable: String, _ key: String) -> String {
        if flag != nil { return "flag" }
        if Environment[variable] != nil { return "environment, \(variable)" }
        return settings.stack[key]?.origin ?? "default"
    }

    private mutating func account() -> Bool {
        do throws(OneShotPayError) {
            guard try settings.credentials() != nil else {
                throw OneShotPayError(
                    .invalidConfiguration,
                    "not set: put your user id in ONESHOT_USER_ID and your API token in ONESHOT_API_TOKEN, or user_id and token in a settings file"
                )
            }
            let token = try? settings.tokenPlace()
            let user = origin(nil, "ONESHOT_USER_ID", "user_id")
            let isInEnvironment = token == .environment("ONESHOT_API_TOKEN")
            let place = isInEnvironment ? nil : settings.stack["token"]?.origin
            report.add(
                .well, "credentials",
                "found: the user id (\(user == "default" ? "credential \(ServiceSettings.userCredential)" : user)), the token in \(token?.description ?? "") (not shown)",
                origin: place)
            return true
        } catch {
            report.fail("credentials", error.message, ExitStatus.of(LinkFailure(error)))
            return false
        }
    }

    private mutating func secrets() {
        for key in settings.stack.keys where key.hasPrefix("secrets.") {
            guard let entry = settings.stack[key], let place = entry.secret else { continue }
            do throws(SecretFailure) {
                _ = try ServiceSettings.reader.read(place)
                report.add(.well, key, "\(place) (not shown)", origin: entry.origin)
            } catch {
                report.fail(key, error.message, .configuration)
            }
        }
    }

    private mutating func permissions() {
        for key in settings.stack.keys where key.hasPrefix("allow.") {
            for entry in settings.stack.list(key) {
                report.add(.note, key, entry.list.joined(separator: ", "), origin: entry.origin)
                guard key == "allow.read" || key == "allow.write" else { continue }
                let isFile: (String) -> Bool = { key == "allow.write" && FileKind.mayBeAllowed($0) }
                for folder in entry.list where !FileKind.isFolder(folder) && !isFile(folder) {
                    report.add(.warning, key, "\(folder) is no folder; it allows nothing", origin: entry.origin)
                }
            }
        }
    }

    /// What holds for scripts, where it was set.
    private mutating func scripts() {
        let server = origin(nil, "PAYLINK_MAIL_SERVER", "mail.server")
        if let value = Environment["PAYLINK_MAIL_SERVER"] ?? settings.stack.text("mail.server") {
            report.add(.note, "mail.server", value, origin: server)
        }
        for key in settings.stack.keys where key.hasPrefix("mail.") || key.hasPrefix("run.") {
            guard key != "mail.server", let entry = settings.stack[key], let value = entry.text else { continue }
            if key == "mail.from", let problem = Self.problem(withSender: value) {
                report.fail(key, problem, .configuration)
                continue
            }
            guard key == "mail.password_secret" else {
                report.add(.note, key, value, origin: entry.origin)
                continue
            }
            let isKnown =
                settings.stack.secret(value) != nil || Environment["PAYLINK_SECRET_\(value)"] != nil
                || (try? ServiceSettings.reader.credential(value)) ?? nil != nil
            report.add(
                isKnown ? .note : .warning, key,
                isKnown ? value : "there is no secret \(value): name it under [secrets]", origin: entry.origin)
        }
    }

    private mutating func ledger() {
        do throws(LedgerError) {
            let text: String
            switch try settings.ledgerLocation() {
            case .memory: text = "in memory: what is made is forgotten at the end of each command"
            case .file(let path):
                let ledger = try SQLiteLedger(
                    path: path, scope: nil, run: RunDescription(command: "doctor"),
                    options: SQLiteLedger.Options(words: .commands))
                defer { ledger.close() }
                text = ledger.path
            case .server(let address, let password):
                let ledger = try PostgresLedger(
                    LedgerServer(address: address, password: password), scope: nil,
                    run: RunDescription(command: "doctor"), options: PostgresLedger.Options(words: .commands))
                defer { ledger.close() }
                for problem in ledger.weaknesses { report.add(.warning, "ledger", problem) }
                text = ledger.standing
            }
            report.add(.well, "ledger", text, origin: origin(settings.ledger, "PAYLINK_LEDGER", "ledger"))
        } catch {
            report.fail("ledger", error.message, ExitStatus.of(LinkFailure(error)))
        }
    }

    private mutating func signIn() throws {
        let (outcome, _) = try ServiceSession.call(settings, command: "doctor") { links, done in
            let engine = links.engine
            engine.clockObserver = nil  // told with the other findings
            return RecordedCall(
                engine.checkCredentials { result in
                    let isDated = engine.clock.isKnown, clock = engine.clockDifference
                    done(
                        result.map { (lifetime: $0, isDated: isDated, clock: clock) }.mapError { LinkFailure($0) })
                })
        }
        switch outcome {
        case .success(let found):
            report.add(.well, "sign-in", "accepted; access tokens live \(found.lifetime.components.seconds) s")
            clock(found.clock, isDated: found.isDated)
        case .failure(let error): report.fail("sign-in", error.message, ExitStatus.of(error))
        }
    }

    /// Whether this machine and the service agree on the time.
    private mutating func clock(_ difference: ClockDifference?, isDated: Bool) {
        if let difference {
            report.add(
                .warning, "clock", "\(difference); \(ClockDifference.advice)", secondsAhead: difference.secondsAhead)
        } else if isDated {
            report.add(.well, "clock", "agrees with the service's to within a minute")
        } else {
            report.add(.note, "clock", "cannot be compared: the service's reply has no date of its own")
        }
    }
}
