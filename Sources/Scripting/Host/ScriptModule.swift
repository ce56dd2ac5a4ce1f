// What a module of the Lua API brings: the operations that its Lua can ask of the host, the Lua itself, and what it does
// when tasks and the script end. A new module is a folder in Modules, a line in ScriptModules and one in Package.swift.

package import LuaRuntime

/// A file of Lua that is embedded in the executable.
package struct LuaFile {
    package let name: String
    let text: [UInt8]
    /// The globals that it makes: it is run when a script first names one of them.
    var globals: [String] = []

    package init(name: String, text: [UInt8], globals: [String] = []) {
        self.name = name
        self.text = text
        self.globals = globals
    }
}

/// One module, for one script. It belongs to the script's event loop, and to its host, which outlives it.
package protocol ScriptModule: AnyObject {
    var operations: [Operation] { get }

    /// A task has ended: what is its own goes.
    func taskEnded(_ task: LuaTaskID)
    /// The script itself is through; tasks of its own may be running.
    func mainTaskEnded()
    /// Whoever runs the script wants it to end in its own time. False: there is nothing to wait for.
    func finish() -> Bool
    /// Whether what a task waits for comes to its end although the task is ended, when nobody reads the output any more.
    func completes(_ task: LuaTaskID) -> Bool
    /// The script is over, and so are its tasks.
    /// - Returns: why it has failed after all.
    func scriptEnded(_ result: ScriptResult) -> ScriptFailure?
    /// Closes what is open outside, and calls back.
    func close(_ done: @escaping () -> Void)
}

extension ScriptModule {
    package func taskEnded(_ task: LuaTaskID) {}
    package func mainTaskEnded() {}
    package func finish() -> Bool { false }
    package func completes(_ task: LuaTaskID) -> Bool { false }
    package func scriptEnded(_ result: ScriptResult) -> ScriptFailure? { nil }
    package func close(_ done: @escaping () -> Void) { done() }
}

/// A module of the API: every script has it, or each that its options offer it to.
protocol APIModule: ScriptModule, SendableMetatype {
    /// Its Lua, in the order in which the reference has it.
    static var lua: [LuaFile] { get }
    /// Whether scripts with these options have it.
    static func isOffered(to options: ScriptOptions) -> Bool

    init(_ host: ScriptHost)
}

extension APIModule {
    static var lua: [LuaFile] { [] }
    static func isOffered(to options: ScriptOptions) -> Bool { true }
}

/// Every module, in the order in which the reference has them.
enum ScriptModules {
    static let all: [any APIModule.Type] = [
        CoreModule.self, RequireModule.self, SystemModule.self, MoneyModule.self, PayLinkModule.self,
        RecordsModule.self,
        WatchModule.self, TaskModule.self, JSONModule.self, CSVModule.self, HTTPModule.self, SecretModule.self,
        ProgramModule.self, MailModule.self, LogModule.self, RunModule.self, BenchModule.self,
    ]

    /// Their Lua, by the names of the files.
    static let files = all.flatMap { $0.lua }

    static func text(of name: String) -> [UInt8]? { files.first { $0.name == name }?.text }
}
