// paylink-fuzz: feeds spoiled input to the readers of bytes from outside. See scripts/fuzz --help.
// A target is a file of its own; here is only which there are, and what the command line asks of them.

import Glibc
import Seeded

@main
struct Fuzz {
    private static var targets: [any FuzzTarget.Type] { [CSVTarget.self, JSONTarget.self, CodecTarget.self] }

    static func main() throws {
        let options: FuzzOptions
        do {
            options = try FuzzOptions(CommandLine.arguments.dropFirst())
        } catch {
            Output.complain("\(error.message)\n\(FuzzOptions.usage)")
            exit(64)
        }
        if options.showsHelp { return Output.say(FuzzOptions.usage) }
        let chosen = targets.filter { options.only == nil || options.only == $0.name }
        guard let first = chosen.first else {
            let names = targets.map { $0.name }.joined(separator: ", ")
            Output.complain("no target \(options.only ?? ""); there are \(names)")
            exit(64)
        }
        let succeeded: Bool
        if let progress = options.progress {
            succeeded = try work(first, options, Progress(descriptor: progress))
        } else if let (seed, index) = options.replay {
            succeeded = replay(first, seed, index)
        } else if let path = options.input {
            succeeded = run(first, bytes(of: path))
        } else {
            succeeded = try Supervisor(options: options, targets: chosen.map { $0.name }).run()
            Output.say(succeeded ? "no crash, no broken promise" : "FAILED")
        }
        exit(succeeded ? 0 : options.progress == nil ? 1 : Supervisor.brokenPromise)
    }

    private static func work<Target: FuzzTarget>(
        _ target: Target.Type, _ options: FuzzOptions, _ progress: Progress
    ) -> Bool {
        Worker<Target>(seed: options.seed).run(options.runs, seconds: options.seconds, progress: progress)
    }

    private static func replay<Target: FuzzTarget>(_ target: Target.Type, _ seed: UInt64, _ index: UInt64) -> Bool {
        Worker<Target>(seed: seed).replay(index)
    }

    private static func run<Target: FuzzTarget>(_ target: Target.Type, _ input: [UInt8]) -> Bool {
        Worker<Target>.run(input)
    }

    private static func bytes(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            Output.complain("cannot read \(path): \(Output.reason)")
            exit(66)
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return bytes
    }
}
