// The process that a script has to itself: started, signalled, ended, reaped.

package import Advice
import CLuaHost
import CPosix
import Glibc
import Synchronization

/// How a script's own process is started.
public struct ScriptProcessOptions: Sendable, Equatable {
    /// The executable `paylink-script`; `nil`: the one beside this program.
    public var executable: String?
    /// The script may be handed open files, and has this process's standard input and error.
    public var hasFiles: Bool
    /// Go on without a system call filter where there is none to be had.
    public var acceptsHalfAWall: Bool
    /// Processor time in all after which the system ends it; `nil`: none.
    public var processorTime: Duration?
    /// Told once what wall the script is behind.
    package var report: (@Sendable (Wall) -> Void)?
    /// What messages call the means that they advise.
    package var words = AdviceWords.neutral
    /// Tests: arguments of the executable.
    package var arguments: [String] = []

    /// A whole wall: no files, and a filter or nothing.
    public init(
        executable: String? = nil, hasFiles: Bool = false, acceptsHalfAWall: Bool = false,
        processorTime: Duration? = nil
    ) {
        self.executable = executable
        self.hasFiles = hasFiles
        self.acceptsHalfAWall = acceptsHalfAWall
        self.processorTime = processorTime
    }

    public static func == (left: ScriptProcessOptions, right: ScriptProcessOptions) -> Bool {
        left.executable == right.executable && left.hasFiles == right.hasFiles
            && left.acceptsHalfAWall == right.acceptsHalfAWall && left.processorTime == right.processorTime
    }

    /// What the child says that it is behind.
    package struct Wall: Sendable, Equatable {
        package var hasFilter: Bool
        /// The version of Landlock's interface, or 0.
        package var landlock: Int
        package var libraryVersion: String
    }
}

/// A started child. Signals may be sent from any thread; everything else is its owner's.
final class ScriptProcess: Sendable {
    /// How it came to its end.
    enum End: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    let socket: Int32
    private let handle: Mutex<Int32>

    /// How long one attempt to send or receive waits, before the deadlines are looked at.
    static let patience: Int32 = 50

    /// - Throws: `ScriptFailure` when there is no such program, or no process to be had.
    init(_ options: ScriptProcessOptions) throws(ScriptFailure) {
        let path = options.executable ?? Self.besideThisProgram
        let arguments = [path] + options.arguments
        // The name of the zone, which is then read once, before the wall.
        let environment = ["TZ=" + (getenv("TZ").map { String(cString: $0) } ?? ":/etc/localtime")]
        var child = cposix_child()
        let blocked = [LuaStop.deadline, .interrupt, .exit].map(\.signal)
        let bad = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                cposix_start_child(
                    &child, path, arguments, environment, options.hasFiles ? 1 : 0, blocked, Int32(blocked.count),
                    Self.patience)
            }
        }
        guard bad == 0 else {
            throw ScriptFailure(
                message: "\(path), in which the script is to run, cannot be started: \(String(cString: strerror(bad)))"
                    + "; it belongs beside paylink",
                code: "isolation_failed", stop: .lost)
        }
        socket = child.socket
        handle = Mutex(child.handle)
    }

    func signal(_ number: Int32) { handle.withLock { if $0 >= 0 { _ = cposix_signal_child($0, number) } } }

    /// Ends it and takes note of how it had ended.
    func end() -> End? {
        handle.withLock { handle in
            guard handle >= 0 else { return nil }
            _ = cposix_signal_child(handle, SIGKILL)
            return reap(&handle)
        }
    }

    /// It has closed its socket, and so ends by itself: its own status is what is wanted.
    func ended() -> End? {
        handle.withLock { handle in
            guard handle >= 0 else { return nil }
            var wait = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
            if poll(&wait, 1, 1_000) <= 0 { _ = cposix_signal_child(handle, SIGKILL) }
            return reap(&handle)
        }
    }

    private func reap(_ handle: inout Int32) -> End? {
        var isSignal: Int32 = 0
        let number = cposix_reap_child(handle, &isSignal)
        close(handle)
        handle = -1
        close(socket)
        return number < 0 ? nil : isSignal != 0 ? .signal(number) : .exit(number)
    }

    static var besideThisProgram: String { ScriptProcessOptions.beside("paylink-script") }
}

extension ScriptProcessOptions {
    /// This program, and the one in which scripts live that have a process of their own.
    package static var programs: [String] { [thisProgram, beside("paylink-script")] }

    /// The path of a program in the folder of this one.
    package static func beside(_ name: String) -> String {
        let own = thisProgram
        let folder = own.lastIndex(of: "/").map { own[..<$0] } ?? ""
        return folder + "/" + name
    }

    private static var thisProgram: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension LuaStop {
    /// By which the child learns that it is to end what it computes.
    var signal: Int32 {
        switch self {
        case .interrupt: SIGUSR2
        case .exit: SIGTERM
        default: SIGUSR1
        }
    }
}

/// A C array of C strings, ended by NULL.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    copies.append(nil)
    return body(copies)
}
