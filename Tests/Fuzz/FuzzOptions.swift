// The command line of paylink-fuzz.

internal import Seeded

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

    typealias Refusal = CommandWords.Refusal

    var runs: UInt64 = 10_000_000
    var seed: UInt64 = 1
    var only: String?
    var seconds: UInt64?
    var jobs: Int?
    var replay: CommandWords.Place?
    var input: String?
    var showsHelp = false
    /// Set in a worker: the open file that holds its progress.
    var progress: Int32?

    init(_ arguments: some Sequence<String>) throws(Refusal) {
        var words = CommandWords(arguments)
        while let name = try words.name() {
            switch name {
            case "-h", "--help": showsHelp = true
            case "--runs": runs = try words.number(of: name)
            case "--seed": seed = try words.number(of: name)
            case "--seconds": seconds = try words.number(of: name)
            case "--jobs": jobs = Int(clamping: try words.number(of: name))
            case "--only": only = try words.value(of: name)
            case "--input": input = try words.value(of: name)
            case "--progress": progress = Int32(clamping: try words.number(of: name))
            case "--replay": replay = try words.place(of: name)
            default: throw Refusal("unknown option \(name)")
            }
        }
        if replay != nil || input != nil, only == nil { throw Refusal("name the target with --only") }
    }
}
