// The built executable: where it lies, and how tests run it.

import Foundation
import Glibc

/// Starts `paylink` with nothing in its environment but what a test gives it.
enum PaylinkProcess {
    /// The executable's path: `PAYLINK_BIN`, else beside the test bundle, else in the package's build folder.
    static let located: Result<String, ChildProcessFailure> = {
        if let named = ProcessInfo.processInfo.environment["PAYLINK_BIN"] {
            return FileManager.default.isExecutableFile(atPath: named)
                ? .success(named)
                : .failure(ChildProcessFailure(description: "PAYLINK_BIN names no executable: \(named)"))
        }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let places = [
            bundle, bundle.deletingLastPathComponent(), package.appendingPathComponent(".build/debug"),
            package.appendingPathComponent(".build/release"),
        ].map { $0.appendingPathComponent("paylink").path }
        var isFolder: ObjCBool = false
        for place in places
        where FileManager.default.fileExists(atPath: place, isDirectory: &isFolder) && !isFolder.boolValue {
            return .success(place)
        }
        return .failure(
            ChildProcessFailure(
                description:
                    "the executable paylink was not found: build it with `swift build`, or name it in PAYLINK_BIN; looked at "
                    + places.joined(separator: ", ")))
    }()

    /// The ledger of all tests that name no other; its keys are apart by the sandboxes' addresses.
    static let ledger = NSTemporaryDirectory() + "paylink-tests-\(getpid())-\(UUID().uuidString).db"

    /// Starts it and leaves it running.
    static func start(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil, directory: String = "/",
        output: ChildProcess.Stream = .pipe, errors: ChildProcess.Stream = .pipe, limit: Duration = .seconds(60)
    ) throws -> ChildProcess {
        try ChildProcess(
            located.get(), arguments, environment: ["PAYLINK_LEDGER": ledger].merging(environment) { $1 }, input: input,
            directory: directory, output: output,
            errors: errors, limit: limit)
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil, directory: String = "/",
        output: ChildProcess.Stream = .pipe, errors: ChildProcess.Stream = .pipe, limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        try await start(
            arguments, environment: environment, input: input, directory: directory, output: output, errors: errors,
            limit: limit
        ).finish()
    }

    /// Runs code with `run --sandbox -e`, links being paid at once.
    static func sandboxed(_ code: String, _ options: [String] = [], payAfter: String = "50ms") async throws -> Outcome {
        try await run(["run", "--sandbox", "--pay-after", payAfter] + options + ["-e", code])
    }
}
