// The command line of paylink-attack.

/// What is asked for.
struct AttackOptions {
    static let usage = """
        usage: scripts/attack [--asan|--release] [--seed N] [--minutes M | --runs N] [--jobs N] [--isolation process|half|none]
               scripts/attack --show SEED:INDEX

          --seed N         what the scripts follow from (default 1); the same seed makes the same scripts
          --minutes M      stop after so many minutes (default 10)
          --runs N         stop after so many scripts
          --jobs N         scripts that run at once (default: one for each processor)
          --isolation W    passed on to `paylink run`
          --program FILE   the paylink to attack (default: the one beside this program)
          --only S:I       run script I of seed S alone
          --show S:I       print script I of seed S, and the options that it runs with
          --asan           build with AddressSanitizer; its memory is not held against the limit
          --half-wall      where there is no system call filter (a build with a sanitizer): untrusted scripts run without
          --ignore-memory  do not hold resident memory against a script's limit
        """

    struct Refusal: Error {
        let message: String
    }

    typealias Place = (seed: UInt64, index: UInt64)

    var seed: UInt64 = 1
    var minutes: UInt64?
    var runs: UInt64?
    var jobs: Int?
    var isolation: String?
    var program: String?
    var only: Place?
    var show: Place?
    /// No system call filter can be had.
    var isHalfWalled = false
    /// Memory says nothing about the script: a sanitizer's own is counted with it.
    var ignoresMemory = false
    var showsHelp = false

    init(_ arguments: some Sequence<String>) throws(Refusal) {
        var rest = arguments.makeIterator()
        while let name = rest.next() {
            switch name {
            case "-h", "--help": showsHelp = true
            case "--ignore-memory": ignoresMemory = true
            case "--half-wall": isHalfWalled = true
            default:
                guard name.hasPrefix("--") else { throw Refusal(message: "unexpected \(name)") }
                guard let value = rest.next() else { throw Refusal(message: "\(name) needs a value") }
                try take(name, value)
            }
        }
    }

    private mutating func take(_ name: String, _ value: String) throws(Refusal) {
        switch name {
        case "--seed": seed = try Self.number(value, name)
        case "--minutes": minutes = try Self.number(value, name)
        case "--runs": runs = try Self.number(value, name)
        case "--jobs": jobs = Int(clamping: try Self.number(value, name))
        case "--isolation": isolation = value
        case "--program": program = value
        case "--only": only = try Self.place(value, name)
        case "--show": show = try Self.place(value, name)
        default: throw Refusal(message: "unknown option \(name)")
        }
    }

    private static func number(_ text: String, _ name: String) throws(Refusal) -> UInt64 {
        guard let number = UInt64(text) else { throw Refusal(message: "\(name) wants a number, not \(text)") }
        return number
    }

    private static func place(_ text: String, _ name: String) throws(Refusal) -> Place {
        let parts = text.split(separator: ":").map { UInt64($0) }
        guard parts.count == 2, let seed = parts[0], let index = parts[1] else {
            throw Refusal(message: "\(name) wants SEED:INDEX, not \(text)")
        }
        return (seed, index)
    }
}
