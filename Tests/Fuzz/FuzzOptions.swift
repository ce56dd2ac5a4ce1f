// The command line of paylink-fuzz.

/// What is asked for.
struct FuzzOptions {
    static let usage = """
        usage: scripts/fuzz [--runs N] [--seed S] [--only csv|json|codec] [--seconds N] [--jobs N]
               scripts/fuzz --only TARGET --replay SEED:INDEX
               scripts/fuzz --only TARGET --input FILE

          --runs N      executions in all, shared out among the targets (default 10000000)
          --seed S      what the inputs follow from (default 1); the same seed makes the same inputs
          --only T      one target instead of all three
          --seconds N   stop each target after so many seconds
          --jobs N      targets run at once (default: one for each processor)
          --replay S:I  show input I of seed S and run it, alone and then after those that ran before it
          --input FILE  run the bytes of a file
        """

    struct Refusal: Error {
        let message: String
    }

    var runs: UInt64 = 10_000_000
    var seed: UInt64 = 1
    var only: String?
    var seconds: UInt64?
    var jobs: Int?
    var replay: (seed: UInt64, index: UInt64)?
    var input: String?
    var showsHelp = false
    /// Set in a worker: the open file that holds its progress.
    var progress: Int32?

    init(_ arguments: some Sequence<String>) throws(Refusal) {
        var rest = arguments.makeIterator()
        while let name = rest.next() {
            if name == "-h" || name == "--help" {
                showsHelp = true
                continue
            }
            guard name.hasPrefix("--") else { throw Refusal(message: "unexpected \(name)") }
            guard let value = rest.next() else { throw Refusal(message: "\(name) needs a value") }
            switch name {
            case "--runs": runs = try Self.number(value, name)
            case "--seed": seed = try Self.number(value, name)
            case "--seconds": seconds = try Self.number(value, name)
            case "--jobs": jobs = Int(clamping: try Self.number(value, name))
            case "--only": only = value
            case "--input": input = value
            case "--progress": progress = Int32(clamping: try Self.number(value, name))
            case "--replay":
                let parts = value.split(separator: ":").map { UInt64($0) }
                guard parts.count == 2, let seed = parts[0], let index = parts[1] else {
                    throw Refusal(message: "--replay wants SEED:INDEX, not \(value)")
                }
                replay = (seed, index)
            default: throw Refusal(message: "unknown option \(name)")
            }
        }
        if replay != nil || input != nil, only == nil { throw Refusal(message: "name the target with --only") }
    }

    private static func number(_ text: String, _ name: String) throws(Refusal) -> UInt64 {
        guard let number = UInt64(text) else { throw Refusal(message: "\(name) wants a number, not \(text)") }
        return number
    }
}
