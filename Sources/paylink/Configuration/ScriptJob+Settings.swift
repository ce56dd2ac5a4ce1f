// What the settings files add to a script's run, where flags and the environment leave it open.

import Console
import LuaRuntime
import OneShotPay
import Recorder
import Scripting
import Settings

extension ScriptJob {
    /// Reads the settings files and takes over what they say.
    mutating func applySettings() throws(SettingsProblems) {
        try service.load(beside: directory)
        let stack = service.stack
        options.logLevel =
            logLevel ?? (Environment["PAYLINK_LOG"] ?? stack.text("log_level")).flatMap(LogLevel.init) ?? .info
        if let bytes = memory ?? stack.text("run.memory").flatMap({ ByteCount(argument: $0)?.bytes }) {
            options.limits.memory = bytes
        }
        if let longest = maxBusy ?? stack.text("run.max_busy").flatMap(DurationText.parse) {
            options.limits.stretch = longest
        }
        isolation = isolation ?? stack.text("run.isolation").flatMap(IsolationChoice.init)
        if let patience = retryFor ?? stack.text("watch.retry_for").flatMap(DurationText.parse) {
            options.watch?.retryFor = patience
        }
        // A watch goes on for ever: a limit for scripts is not meant for it.
        if timeout == nil, options.watch == nil { timeout = stack.text("run.timeout").flatMap(DurationText.parse) }
        if limits.maximumLinks == nil { limits.maximumLinks = stack.text("run.max_links").flatMap { Int($0) } }
        if limits.maximumTotal == nil {
            limits.maximumTotal = stack.text("run.max_total").flatMap { try? Money(parsing: $0) }
        }
        guard !options.isUntrusted else { return noteIgnoredSettings() }
        options.secrets = service.secretSource
        allow(stack)
        options.mail.server = Environment["PAYLINK_MAIL_SERVER"] ?? stack.text("mail.server")
        options.mail.user = stack.text("mail.user")
        options.mail.passwordSecret = stack.text("mail.password_secret")
        options.mail.from = stack.text("mail.from")
    }

    /// Permissions add up: those of the flags and of every file.
    private mutating func allow(_ stack: SettingsStack) {
        readable += stack.list("allow.read").flatMap(\.list)
        writable += stack.list("allow.write").flatMap(\.list)
        for host in stack.list("allow.net").flatMap(\.list) { try? options.network.allow(host) }  // checked when read
        // checked when read
        for text in stack.list("allow.mail").flatMap(\.list) { try? options.recipients.allow(text) }
        for program in stack.list("allow.run").flatMap(\.list) { options.programs.allow(program) }
        for name in stack.list("allow.env").flatMap(\.list) { options.environment[name] = Environment[name] }
        // Whoever says so of one variable twice means that it is secret.
        for name in stack.secretVariables.sorted() where options.environment.removeValue(forKey: name) != nil {
            notes.append(
                "the script does not see \(ShownText.line(name)): a settings file says that it holds a secret")
        }
    }

    /// Where the settings file beside the script is looked for.
    var directory: String {
        guard case .file(let path, _) = input, path != "-", let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
