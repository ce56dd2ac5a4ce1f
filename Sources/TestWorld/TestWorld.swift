// The world of one test: a service, a ledger, other hosts, mail and programs, and one clock that they and every script in
// it share. Nothing sleeps: time jumps to what is due next. What happens to links is in TestWorld+Service.swift, what the
// test's own script answers for other hosts and programs goes through AnswerDesk.swift.

package import Advice
package import Batch
import Chance
import Ledger
package import LuaRuntime
import NIOCore
import OneShotPay
import Recorder
import Sandbox
package import Scripting
package import Simulation

/// Everything around the scripts of one test. It lives on one thread, from its beginning to its end.
package final class TestWorld: @unchecked Sendable {
    // Safe because: one thread makes it, drives it and drops it.

    /// What all worlds of a run have in common.
    package struct Settings: Sendable {
        /// What ids, pauses and other chance follow from.
        package var seed: UInt64 = 0
        /// When every world begins, in Unix seconds: 2026-01-05 08:00 UTC, a Monday.
        package var beginsAt: Int64 = 1_767_600_000
        /// The status that `paylink run` would end with.
        package var exitStatus: @Sendable (ScriptResult) -> Int32 = { _ in 0 }
        /// The status that `paylink batch` would end with, and what it would say, of a table and whether it is a dry run.
        package var batchEnd: @Sendable (BatchOutcome, String, Bool) -> (status: Int32, said: String) = { _, _, _ in
            (0, "")
        }
        /// How long a test may compute, and how much memory its scripts may have.
        package var limits = LuaLimits()
        /// Whether lines of scripts are counted.
        package var countsLines = false
        /// Told of each world before it is closed, for the tests of worlds.
        var whenClosing: @Sendable (TestWorld) -> Void = { _ in }
        /// What messages call the means that they advise.
        package var words = AdviceWords.neutral
        /// Reads a script.
        package var load: @Sendable (String) throws(WorldFailure) -> ScriptSource

        package init(load: @escaping @Sendable (String) throws(WorldFailure) -> ScriptSource) { self.load = load }
    }

    /// How long after a payment its transaction's hash appears.
    static let settlement = SandboxOptions().settleAfter
    static let baseURL = "https://1shotpay.com"
    static let scope = LedgerScope(account: SandboxOptions.defaultUserID, baseURL: baseURL)

    let settings: Settings
    let folder: String
    package let time = SimulatedTime()
    let book = MemoryBook()
    private(set) var service: SandboxService!  // Safe because: set at the end of init; its clock needs `time` alone.
    var random: SplitMix
    private(set) var processes: [TestProcess] = []
    var requests: [WorldRequest] = []
    var outbox: [WorldMail] = []
    var linksSeen = 0
    /// What fails the test, whatever it says itself.
    private(set) var problems: [String] = []
    let desk = AnswerDesk()
    /// Which lines of scripts have run, where they are counted.
    private(set) var lines = RunLines()
    /// What scripts find in their environment, and the secrets that they may name.
    var environment: [String: String] = [:]
    var secrets: [String: String] = [:]
    /// Whether the service misbehaves, so that a look may see another thing than the last one.
    var hasFaults: Bool { service.isFaulty }
    private var ownFolder: TestFolder?

    /// - Parameters:
    ///   - folder: where the test's script lies; scripts are looked for there first.
    ///   - number: which test of its file it is: each has chance of its own.
    package init(_ settings: Settings, folder: String, number: Int) {
        self.settings = settings
        self.folder = folder
        random = SplitMix(seed: settings.seed, target: "test", index: UInt64(number))
        var options = SandboxOptions()
        options.acceptsPastExpiry = true
        let (time, start) = (time, settings.beginsAt)
        service = SandboxService(options, seed: random.next(), baseURL: Self.baseURL) {
            SandboxInstant(milliseconds: start * 1_000 + time.elapsed.nanoseconds / 1_000_000)
        }
    }

    /// Unix seconds.
    var unixTime: Double { Double(settings.beginsAt) + Double(time.elapsed.nanoseconds) / 1e9 }

    /// Fails the test, whatever it says itself.
    func fails(_ problem: String) {
        if problems.count < 20, !problems.contains(problem) { problems.append(problem) }
    }

    func add(_ process: TestProcess) { processes.append(process) }

    /// Tells what lines of a script are to be noted with, if they are.
    var lineObserver: (@Sendable ([LineCounts]) -> Void)? {
        guard settings.countsLines else { return nil }
        return { @Sendable [unowned self] in lines.add($0) }
    }

    /// A folder of the test's own, made when it is first asked for.
    func makeFolder() throws(TestFolder.Failure) -> String {
        if let ownFolder { return ownFolder.path }
        let made = try TestFolder()
        ownFolder = made
        return made.path
    }

    /// Where the folder is, if there is one.
    var folderOfItsOwn: String? { ownFolder?.path }

    /// Ends every process, and takes away what the test has left behind.
    package func close() {
        settings.whenClosing(self)
        for process in processes { process.kill() }
        processes = []
        desk.close()
        time.clear()
        ownFolder = nil
    }

    /// Does something later.
    func later(_ delay: Duration, _ body: @escaping () -> Void) {
        time.add(due: time.now + TimeAmount(max(delay, .zero)), body)
    }
}

/// A request as it arrived at the service.
struct WorldRequest {
    var at: Double
    var method: String
    var path: String
    /// `nil`: the connection broke before a reply.
    var status: Int?
}

/// A mail that a script has sent.
struct WorldMail {
    var at: Double
    var from: String
    var to: [String]
    var subject: String
    var text: String?
    var html: String?
    var headers: [(name: String, value: String)]
    var attachments: [(name: String, bytes: [UInt8])]
    var id: String
}
