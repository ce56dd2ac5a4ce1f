// `paylink repl` before a terminal: editing, Ctrl-C, Tab, history, and the terminal left as it was.

import Foundation
import Glibc
import TestSupport
import Testing

@Suite struct ReplTerminalTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func start(_ options: [String] = []) async throws -> TerminalProcess {
        let process = try TerminalProcess(
            PaylinkProcess.located.get(), ["repl"] + options,
            environment: ["HOME": folder.path, "NO_COLOR": "1", "PAYLINK_LEDGER": ":memory:"], directory: folder.path)
        try await process.shows("Ctrl-D ends.")
        try await process.shows("> ")
        return process
    }

    private func end(_ process: TerminalProcess) async throws {
        process.type("\u{4}")
        #expect(try await process.finish() == 0)
        #expect(process.isAsBefore)
    }

    private var history: String { folder.path + "/.local/state/paylink/repl_history" }

    @Test func aWaitIsInterruptedAndTheSessionGoesOn() async throws {
        let process = try await start(["--sandbox"])
        try await process.enter("kept = 'yes' print('waits') sleep('1h')", shows: "\nwaits\n")
        #expect(process.isAsBefore, "what runs finds an ordinary terminal")
        process.type("\u{3}")
        try await process.shows("interrupted\n> ")
        try await process.enter("kept", shows: "\n\"yes\"\n> ")
        try await end(process)
    }

    @Test func whatComputesIsInterruptedAsWell() async throws {
        let process = try await start()
        let line = "kept = 'yes' print('busy') sleep(0) while true do pcall(function() while true do end end) end"
        try await process.enter(line, shows: "\nbusy\n")
        process.type("\u{3}")
        try await process.shows("interrupted\n> ")
        try await process.enter("kept", shows: "\n\"yes\"\n> ")
        try await end(process)
    }

    /// What a stopped chunk holds is given back, so that the same is tried again.
    @Test func handlersRunWhenAChunkIsInterrupted() async throws {
        let process = try await start(["--sandbox"])
        let handler = "setmetatable({}, { __close = function() print('closed', pcall(error)) end })"
        let loops = [
            "while true do end", "coroutine.wrap(function() local b <close> = \(handler) while true do end end)()",
            "string.gsub('aaa', 'a', function() while true do end end)",
        ]
        for loop in loops {
            try await process.enter("do local a <close> = \(handler) print('busy') \(loop) end", shows: "\nbusy\n")
            process.type("\u{3}")
            if loop.contains("<close>") { try await process.shows("\nclosed\t") }
            try await process.shows("\nclosed\t")
            try await process.shows("interrupted\n> ")
        }
        let once = "paylink.once('k', function() print('busy') while true do end end)"
        try await process.enter(once, shows: "\nbusy\n")
        process.type("\u{3}")
        try await process.shows("interrupted\n> ")
        try await process.enter(once, shows: "in_doubt: ")
        try await process.shows("\n> ")
        try await end(process)
    }

    @Test func aHandlerThatDoesNotEndIsInterruptedToo() async throws {
        let process = try await start()
        let handler = "setmetatable({}, { __close = function() print('closing') while true do end end })"
        try await process.enter(
            "do local a <close> = \(handler) print('busy') while true do end end", shows: "\nbusy\n")
        process.type("\u{3}")
        try await process.shows("\nclosing\n")
        process.type("\u{3}")
        try await process.shows("interrupted\n> ")
        try await process.enter("'on'", shows: "\n\"on\"\n> ")
        try await end(process)
    }

    @Test func aTaskInTheBackgroundIsInterruptedWhereNothingElseRuns() async throws {
        let process = try await start()
        try await process.enter("task.spawn(function() print('busy') while true do end end)", shows: "busy\n")
        process.type("\u{3}")
        try await process.shows("interrupted")
        try await process.shows("> ")
        try await process.enter("'on'", shows: "\n\"on\"\n> ")
        try await end(process)
    }

    @Test func aFullHeapEndsTheChunkAlone() async throws {
        let process = try await start(["--memory", "16M"])
        try await process.enter("l = {} while true do l = { l } end", shows: "not enough memory")
        try await process.shows("> ")
        try await process.enter("l = nil", shows: "> ")
        try await process.enter("'on'", shows: "\n\"on\"\n> ")
        try await end(process)
    }

    @Test func ctrlZGivesTheTerminalBackAndTakesItAgain() async throws {
        let process = try await start()
        process.type("'typ")
        try await process.shows("'typ")
        process.type("\u{1A}")
        try await process.isStopped()
        #expect(process.isAsBefore)
        process.send(SIGCONT)
        try await process.shows("> 'typ")
        #expect(!process.isAsBefore, "the terminal is the editor's")
        process.type("ed'\r")
        try await process.shows("\n\"typed\"\n> ")
        try await end(process)
    }

    /// Nobody waits for the prompt to type on; what runs meanwhile takes no keys.
    @Test func whatIsTypedWhileAChunkRunsIsForTheNextPrompt() async throws {
        let process = try await start()
        try await process.enter("print('busy') sleep('500ms')", shows: "\nbusy\n")
        process.type("'a' .. 'head'\r'ty")
        try await process.shows("\n\"ahead\"\n> 'ty")
        process.type("ped'\r")
        try await process.shows("\n\"typed\"\n> ")
        try await process.enter("print('busy') sleep('500ms')", shows: "\nbusy\n")
        try await end(process)
    }

    @Test func ctrlCDropsTheLine() async throws {
        let process = try await start()
        process.type("nonsense")
        try await process.shows("nonsense")
        process.type("\u{3}")
        try await process.shows("^C\n> ")
        try await process.enter("1 + 1", shows: "\n2\n> ")
        // Within a chunk it drops all of it.
        try await process.enter("if true then", shows: ">> ")
        process.type("\u{3}")
        try await process.shows("^C\n> ")
        try await process.enter("2 + 2", shows: "\n4\n> ")
        try await end(process)
    }

    @Test func tabCompletesNames() async throws {
        let process = try await start(["--sandbox"])
        process.type("paylink.cre\t")
        try await process.shows("paylink.create")
        process.type("{ am\t1, desc\t'Mug' }")
        try await process.shows("{ amount = 1, description = 'Mug' }")
        process.type("\u{3}")
        try await process.shows("^C\n> ")
        try await process.enter("link = paylink.create{ amount = 1, description = 'Mug' }", shows: "> ")
        process.type("link.sta\t\r")
        try await process.shows("\n\"active\"\n> ")
        process.type("link:\t\t")
        try await process.shows("\nqr       refresh  wait\n> link:")
        process.type("\u{3}")
        try await process.shows("^C\n> ")
        // Nothing is called for it, whatever a table's metatable would do.
        try await process.enter(
            "t = setmetatable({ alpha = 1 }, { __index = function() called = true end }) called = false", shows: "> ")
        process.type("t.al\t\r")
        try await process.shows("\n1\n> ")
        process.type("t.missing.x\t")
        try await process.shows("t.missing.x")
        process.type("\u{3}")
        try await process.shows("^C\n> ")
        try await process.enter("called", shows: "\nfalse\n> ")
        try await end(process)
    }

    @Test func theHistoryOutlivesASession() async throws {
        let first = try await start()
        try await first.enter("'one'", shows: "\n\"one\"\n> ")
        try await first.enter(" 'nobody sees it'", shows: "sees it\"\n> ")
        try await end(first)
        #expect(try String(contentsOfFile: history, encoding: .utf8) == "'one'\n")
        var status = stat()
        #expect(stat(history, &status) == 0 && status.st_mode & 0o777 == 0o600)

        let second = try await start()
        second.type("\u{1B}[A")
        try await second.shows("'one'")
        second.type("\r")
        try await second.shows("\n\"one\"\n> ")
        try await end(second)
    }

    @Test func aLongHistoryIsCutDown() async throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/.local/state/paylink", withIntermediateDirectories: true)
        try folder.write(".local/state/paylink/repl_history", (1...1_200).map { "\($0)\n" }.joined())
        let process = try await start()
        process.type("\u{1B}[A")
        try await process.shows("1200")
        process.type("\u{3}")
        try await process.shows("^C\n> ")
        try await end(process)
        let lines = try String(contentsOfFile: history, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1_000 && lines.first == "201" && lines.last == "1200")
    }

    @Test func theLineIsEdited() async throws {
        let process = try await start()
        process.type("'ac'\u{1B}[D\u{1B}[Db\u{5}\r")
        try await process.shows("\n\"abc\"\n> ")
        try await process.enter("'größe' .. '…'", shows: "\n\"größe…\"\n> ")
        try await end(process)
    }

    @Test func whatATaskPrintsLeavesWhatIsTyped() async throws {
        let process = try await start()
        try await process.enter("h = task.spawn(function() sleep('300ms') print('tick') end)", shows: "> ")
        process.type("'typ")
        try await process.shows("tick\n> 'typ")
        process.type("ed'\r")
        try await process.shows("\n\"typed\"\n> ")
        try await end(process)
    }

    @Test(arguments: [SIGTERM, SIGHUP], [false, true])
    func aSignalEndsItAndTheTerminalIsAsBefore(_ signal: Int32, _ waits: Bool) async throws {
        let process = try await start()
        if waits {
            try await process.enter("print('waits') sleep('1h')", shows: "\nwaits\n")
        } else {
            process.type("half")
            try await process.shows("half")
            #expect(!process.isAsBefore, "the terminal is the editor's")
        }
        process.send(signal)
        #expect(try await process.finish() == 128 + signal)
        #expect(process.isAsBefore)
    }

    @Test func aCallThatDoesNotReturnIsLeftWithTheSession() async throws {
        let process = try await start()
        try await process.enter("io.write('name? ') io.read()", shows: "\nname? ")
        process.type("\u{3}")
        try await process.shows("Ctrl-C again ends the session")
        process.type("\u{3}")
        #expect(try await process.finish() == 130)
        #expect(process.isAsBefore)
    }
}
