// Runs the inputs of one target, one after the other, in a process of its own.

import Chance
import Seeded

/// The executions of one target.
struct Worker<Target: FuzzTarget> {
    /// A target's state serves so many executions, so that what one leaves behind meets the next ones.
    static var batch: UInt64 { 10_000 }

    let seed: UInt64

    /// Runs inputs 0 to `runs` - 1, fewer if the time is up.
    /// - Returns: false if a promise was broken; what and where has been printed.
    func run(_ runs: UInt64, seconds: UInt64?, progress: Progress) -> Bool {
        let started = ContinuousClock.now
        let deadline = seconds.map { started + .seconds($0) }
        var tally = Tally()
        var target = Target()
        for index in 0..<runs {
            if index % Self.batch == 0, index > 0 { target = Target() }
            if let deadline, index % 256 == 0, ContinuousClock.now > deadline { break }
            progress.index = index
            guard runOne(index, &target, &tally) else { return false }
        }
        let elapsed = max((ContinuousClock.now - started) / .milliseconds(1), 1)
        let rate = Int(Double(tally.executions) / elapsed * 1_000)
        let seconds = Int(elapsed) / 1_000
        Output.say("\(Target.name): \(tally.executions) executions in \(seconds) s, \(rate) a second\n\(tally)")
        return true
    }

    /// Shows one input and runs it, first alone, then after the others of its batch.
    func replay(_ index: UInt64) -> Bool {
        Self.show(makeInput(index, for: Target()))
        var tally = Tally()
        var target = Target()
        guard runOne(index, &target, &tally) else { return false }
        Output.say("alone it passes; running its batch up to it")
        target = Target()
        for earlier in index / Self.batch * Self.batch...index {
            guard runOne(earlier, &target, &tally) else { return false }
        }
        Output.say("it passes")
        return true
    }

    /// Runs bytes that someone chose.
    static func run(_ input: [UInt8]) -> Bool {
        show(input)
        var tally = Tally()
        var target = Target()
        do {
            try target.run(input, &tally)
            Output.say("it passes\n\(tally)")
            return true
        } catch {
            Output.say("\(Target.name): \(error)")
            return false
        }
    }

    private func runOne(_ index: UInt64, _ target: inout Target, _ tally: inout Tally) -> Bool {
        tally.execute()
        do {
            try target.run(makeInput(index, for: target), &tally)
            return true
        } catch {
            Output.say(
                "\(Target.name): input \(seed):\(index) breaks a promise: \(error)\n"
                    + "  run it alone: scripts/fuzz --only \(Target.name) --replay \(seed):\(index)")
            return false
        }
    }

    private func makeInput(_ index: UInt64, for target: Target) -> [UInt8] {
        var random = SplitMix(seed: seed, target: Target.name, index: index)
        return target.input(&random)
    }

    private static func show(_ input: [UInt8]) {
        let text = input.prefix(4_096).map { byte in
            switch byte {
            case 0x5C: "\\\\"
            case 0x20...0x7E: String(Unicode.Scalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        Output.say("\(input.count) bytes: \(text.joined())\(input.count > 4_096 ? "…" : "")")
    }
}
