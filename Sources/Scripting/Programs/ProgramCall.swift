// A program to run, and what came of it, as plain values.

/// A program with all that it is given.
struct ProgramCall: Sendable {
    /// An absolute path.
    var path: String
    /// The first is the program's own name.
    var arguments: [String]
    var environment: [String: String] = [:]
    /// Where it starts; `nil`: where paylink does.
    var directory: String?
    var input: [UInt8] = []
    var timeout = Duration.seconds(60)
    /// The longest standard output in bytes.
    var maximumOutput = 1 << 20

    /// How much of standard error is kept: it is for messages.
    static let keptErrors = 64 << 10
}

/// How a program ended.
struct ProgramResult: Sendable, Equatable {
    /// The exit status; `nil` when a signal ended it.
    var status: Int32?
    var signal: Int32?
    var output: [UInt8] = []
    var errors: [UInt8] = []

    var isSuccess: Bool { status == 0 }
}

/// Why a program has no result.
struct ProgramFailure: Error, Sendable, Equatable {
    /// `start_failed`, `timeout`, `output_too_large` or `cancelled`.
    var code: String
    var message: String
    var output: [UInt8] = []
    var errors: [UInt8] = []
}
