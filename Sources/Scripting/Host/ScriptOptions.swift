// What a script is given: its text, arguments, limits and surroundings; and what came of it.

package import Advice
public import Console
public import LuaRuntime
package import OneShotPay
package import Recorder

/// A script's text and where it came from.
public struct ScriptSource: Sendable {
    /// The text; a first line that begins with `#` is skipped, and lines keep their numbers.
    public var text: [UInt8]
    /// What messages call it: a path, "stdin" or "command line".
    public var name: String
    /// Where `require` looks first; `nil`: `require` finds no files.
    public var directory: String?
    /// Whether `name` is a file's path.
    public var isFile: Bool

    /// A script's text under a name.
    public init(text: [UInt8], name: String, directory: String? = nil, isFile: Bool = false) {
        self.text = text
        self.name = name
        self.directory = directory
        self.isFile = isFile
    }

    package var chunkName: String { (isFile ? "@" : "=") + name }

    /// Lua with the shebang line made a comment.
    package var lua: [UInt8] {
        guard text.first == UInt8(ascii: "#") else { return text }
        return Array("--".utf8) + text
    }
}

/// How a script is run.
public struct ScriptOptions: Sendable {
    /// What `...` and `arg` hold.
    public var arguments: [String]
    /// Memory and running time.
    public var limits: LuaLimits
    /// Where its Lua state lives.
    public var isolation = LuaIsolation.none
    /// Environment variables that `os.getenv` may see.
    public var environment: [String: String]
    /// Which files the script may read and write.
    public var files = FileAccess()
    /// Which hosts it may reach besides the service.
    public var network = NetworkAccess()
    /// Whom it may send mail to.
    public var recipients = MailAccess()
    /// Which programs it may run.
    public var programs = ProgramAccess()
    /// Where the secrets come from that it names.
    public var secrets = SecretSource.none
    /// How its mail leaves when it names no server.
    public var mail = MailSettings()
    /// Told, on a thread of its own, when a script does not end though a limit of time did two seconds ago: it is in code
    /// that looks at no clock, and nothing but the end of the process will stop it.
    package var whenStuck: (@Sendable (LuaStop) -> Void)?
    /// How long after the limit that is.
    package var stuckAfter: Duration = .seconds(2)
    /// Nothing but computing, arguments, standard output, and links within the limits; see `UntrustedRights.swift`.
    package var isUntrusted = false
    /// Messages below this level are not written.
    public var logLevel: LogLevel
    /// Go on after the script itself, and run what it registered with `paylink.on`.
    package var watch: WatchOptions?
    /// Called on the event loop before what the script printed is written out.
    package var beforeOutput: (@Sendable () -> Void)?
    /// Told of every look of a wait, on the event loop.
    package var waitObserver: (@Sendable (WaitReport) -> Void)?
    /// What messages call the means that they advise.
    package var words = AdviceWords.neutral
    /// The scheduled run that the script is; `nil` outside of a job.
    package var job: JobFacts?
    /// Nothing is to be done, only planned: files that the script writes do not appear.
    package var isDryRun = false
    /// Provides the calls that `scripts/bench` measures.
    package var offersBenchCalls = false
    /// What surrounds the script in place of this machine and the network.
    package var world: (any ScriptWorld)?
    /// Makes modules besides the API's, on the event loop.
    package var ownModules: (@Sendable (ScriptHost) -> [any ScriptModule])?
    /// Counts how often lines of the script's files begin, and is told at its end, on the event loop.
    package var lineObserver: (@Sendable ([LineCounts]) -> Void)?
    /// Told at the end how often the script waited for another process, on the event loop.
    package var crossingsObserver: (@Sendable (Int) -> Void)?

    /// No arguments, the default limits, no environment, messages from `info` up.
    public init(
        arguments: [String] = [], limits: LuaLimits = LuaLimits(), environment: [String: String] = [:],
        logLevel: LogLevel = .info
    ) {
        self.arguments = arguments
        self.limits = limits
        self.environment = environment
        self.logLevel = logLevel
    }
}

extension ScriptResult {
    /// What a ledger remembers of it.
    /// The status of a script that ended because nobody read its output any more: that of a program that SIGPIPE ends.
    package static let abandonedOutput: Int32 = 141

    var recordedStatus: Int32 {
        switch self {
        case .finished(let status): status
        case .failed: 1
        case .stopped: 130
        }
    }
}

/// What came of a script.
public enum ScriptResult: Sendable, Equatable {
    /// It ended by itself, or called `os.exit`: then with that status.
    case finished(status: Int32)
    case failed(ScriptFailure)
    /// It was told to end: by a signal, or because its time was up.
    case stopped(LuaStop)
}
