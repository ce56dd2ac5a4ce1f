// Many tests: which files have them, which of them are wanted, and their runs side by side, told in order.

import Console
import NIOCore
import NIOPosix
package import Scripting
import Synchronization

/// A run of the tests in some files.
package struct TestSession: Sendable {
    package struct Options: Sendable {
        /// Only tests whose name contains it.
        package var filter: String?
        /// Only tests with one of these tags; all, if there are none.
        package var tags: Set<String> = []
        package var excludedTags: Set<String> = []
        /// How many run at once.
        package var jobs = 1
        /// How long one may take on this machine.
        package var limit: Duration = .seconds(60)

        package init() {}
    }

    package struct Case: Sendable {
        package var file: ScriptSource
        package var test: TestName
    }

    /// What is told, in the order of files and tests.
    package enum Event: Sendable {
        /// A file whose tests cannot be known.
        case unusable(file: String, reason: String)
        case ran(Case, TestReport)
    }

    private let settings: TestWorld.Settings
    private let options: Options

    package init(_ settings: TestWorld.Settings, _ options: Options) {
        self.settings = settings
        self.options = options
    }

    /// The tests that are wanted, and files that cannot be read as tests.
    package func plan(_ files: [ScriptSource]) -> (cases: [Case], unusable: [Event]) {
        var cases: [Case] = []
        var unusable: [Event] = []
        for file in files {
            do throws(WorldFailure) {
                cases += try TestRun.list(file, settings, limit: options.limit).filter(isWanted).map {
                    Case(file: file, test: $0)
                }
            } catch {
                unusable.append(.unusable(file: file.name, reason: error.description))
            }
        }
        return (cases, unusable)
    }

    private func isWanted(_ test: TestName) -> Bool {
        if let filter = options.filter, !test.name.contains(filter) { return false }
        let tags = Set(test.tags)
        return (options.tags.isEmpty || !tags.isDisjoint(with: options.tags))
            && tags.isDisjoint(with: options.excludedTags)
    }

    /// Runs tests and tells of each, one after the other.
    package func run(_ cases: [Case], _ tell: @escaping @Sendable (Case, TestReport) -> Void) {
        let progress = Progress(cases, tell)
        let width = max(1, min(options.jobs, cases.count))
        let group = MultiThreadedEventLoopGroup(numberOfThreads: width)
        let workers = (0..<width).map { _ in
            group.next().submit { [settings, options] in
                while let (place, one) = progress.next() {
                    progress.ended(place, TestRun.run(one.file, one.test, settings, limit: options.limit))
                }
            }
        }
        for worker in workers { try? worker.wait() }
        try? group.syncShutdownGracefully()
    }

    /// Which tests are left, and which reports wait for those before them.
    private final class Progress: Sendable {
        private struct State {
            var begun = 0
            var told = 0
            var waiting: [Int: TestReport] = [:]
        }

        private let cases: [Case]
        private let tell: @Sendable (Case, TestReport) -> Void
        private let state = Mutex(State())

        init(_ cases: [Case], _ tell: @escaping @Sendable (Case, TestReport) -> Void) {
            self.cases = cases
            self.tell = tell
        }

        func next() -> (Int, Case)? {
            state.withLock { state in
                guard state.begun < cases.count else { return nil }
                state.begun += 1
                return (state.begun - 1, cases[state.begun - 1])
            }
        }

        func ended(_ place: Int, _ report: TestReport) {
            state.withLock { state in
                state.waiting[place] = report
                while let next = state.waiting.removeValue(forKey: state.told) {
                    tell(cases[state.told], next)
                    state.told += 1
                }
            }
        }
    }
}
