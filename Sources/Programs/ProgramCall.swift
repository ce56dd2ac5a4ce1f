// A program to run, and what came of it, as plain values.

/// A program with all that it is given: an argument list, never a shell's line.
package struct ProgramCall: Sendable {
    package enum Input: Sendable {
        case bytes([UInt8])
        /// The caller's own standard input.
        case inherited
    }

    /// An absolute path; see ``ProgramPath``.
    package var path: String
    /// The first is the program's own name.
    package var arguments: [String]
    /// Variables by name; `nil`: those of this process.
    package var environment: [String: String]?
    /// Where it starts; `nil`: where this process does.
    package var directory: String?
    package var input = Input.bytes([])
    package var timeout: Duration
    /// The longest standard output in bytes.
    package var maximumOutput: Int
    /// How much of standard error is kept; `nil`: it goes where the caller's goes, and none is kept.
    package var keptErrors: Int?
    /// Whether its children are ended with it. A program that asks at the terminal has to stay in the caller's group.
    package var hasOwnGroup = true

    package init(
        path: String, arguments: [String], environment: [String: String]?, timeout: Duration = .seconds(60),
        maximumOutput: Int = 1 << 20, keptErrors: Int? = 64 << 10
    ) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.timeout = timeout
        self.maximumOutput = maximumOutput
        self.keptErrors = keptErrors
    }
}

/// How a program ended.
package struct ProgramResult: Sendable, Equatable {
    package enum End: Sendable, Equatable { case status(Int32), signal(Int32) }

    package var end: End
    package var output: [UInt8]
    package var errors: [UInt8]
    /// Whether it read its input to the end.
    package var tookAllInput: Bool

    package init(end: End, output: [UInt8] = [], errors: [UInt8] = [], tookAllInput: Bool = true) {
        self.end = end
        self.output = output
        self.errors = errors
        self.tookAllInput = tookAllInput
    }
}

/// Why a program has no result.
package struct ProgramFailure: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case startFailed = "start_failed", timeout, outputTooLarge = "output_too_large", cancelled
    }

    package var code: Code
    /// Begins with a verb, without the program's name: "could not be started: No such file or directory".
    package var message: String
    package var output: [UInt8] = []
    package var errors: [UInt8] = []
    /// Whether it had read its input to the end.
    package var tookAllInput = false

    package init(
        code: Code, message: String, output: [UInt8] = [], errors: [UInt8] = [], tookAllInput: Bool = false
    ) {
        self.code = code
        self.message = message
        self.output = output
        self.errors = errors
        self.tookAllInput = tookAllInput
    }
}
