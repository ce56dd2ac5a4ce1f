// Programs started, followed and stopped, with those that every Debian has.

import Foundation
import Glibc
import TestSupport
import Testing

@testable import Programs

@Suite struct SpawnedProgramTests {
    private func shell(_ script: String, timeout: Duration = .seconds(30)) -> ProgramCall {
        ProgramCall(
            path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], timeout: timeout)
    }

    @Test func saysHowItEnded() throws {
        #expect(try SpawnedProgram.run(shell("echo a; echo b >&2; exit 3")).end == .status(3))
        #expect(try SpawnedProgram.run(shell("kill -9 $$")).end == .signal(SIGKILL))
        let result = try SpawnedProgram.run(shell("echo a; echo b >&2"))
        #expect(result.output == Array("a\n".utf8) && result.errors == Array("b\n".utf8))
    }

    @Test(arguments: [
        ("cat > /dev/null", 1, true), ("cat > /dev/null", 1 << 20, true), ("exit 0", 1 << 20, false),
        ("head -c 10 > /dev/null", 1 << 20, false), ("exit 0", 0, true),
    ])
    func saysWhetherAllOfTheInputWasRead(_ script: String, _ size: Int, _ tookAll: Bool) throws {
        var call = shell(script)
        call.input = .bytes([UInt8](repeating: 0x78, count: size))
        #expect(try SpawnedProgram.run(call).tookAllInput == tookAll)
        call = shell(script + "; sleep 60", timeout: .seconds(1))
        guard size > 1, script != "exit 0" else { return }
        call.input = .bytes([UInt8](repeating: 0x78, count: size))
        let failure = #expect(throws: ProgramFailure.self) { try SpawnedProgram.run(call) }
        #expect(failure?.code == .timeout && failure?.tookAllInput == tookAll)
    }

    @Test func aProgramThatIsBeingWrittenIsTriedAgain() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("program")
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755)
        defer { unlink(path) }
        try #require(file >= 0)
        let text = Array("#!/bin/sh\necho started\n".utf8)
        try #require(text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == text.count)
        let call = ProgramCall(path: path, arguments: ["program"], environment: nil)
        // Busy for good: a failure that says so.
        let failure = #expect(throws: ProgramFailure.self) { try SpawnedProgram.run(call) }
        #expect(failure?.code == .startFailed && failure?.message.contains("Text file busy") == true)
        // Busy for a moment, as when the writer has just been inherited by another program.
        Thread.detachNewThread {
            usleep(5_000)
            close(file)
        }
        #expect(try SpawnedProgram.run(call).output == Array("started\n".utf8))
    }

    @Test func aProgramOfTheCallersGroupIsEndedAlone() throws {
        var call = shell("exec sleep 60", timeout: .milliseconds(200))
        call.hasOwnGroup = false
        let failure = #expect(throws: ProgramFailure.self) { try SpawnedProgram.run(call) }
        #expect(failure?.code == .timeout)
    }

    @Test func theWholeEnvironmentIsInheritedOnlyWhenAskedFor() throws {
        setenv("PAYLINK_PROGRAMS_TEST", "seen", 1)
        var call = shell("printf '%s' \"$PAYLINK_PROGRAMS_TEST\"")
        #expect(try SpawnedProgram.run(call).output.isEmpty)
        call.environment = nil
        #expect(try SpawnedProgram.run(call).output == Array("seen".utf8))
    }

    @Test func programsAreFoundInAbsoluteFoldersOnly() {
        #expect(ProgramPath.find("sh", in: "relative:.:/none:/bin") == "/bin/sh")
        #expect(ProgramPath.find("/bin/sh", in: "") == "/bin/sh")
        for (name, path) in [("sh", "bin:."), ("", "/bin"), ("/bin", ""), ("no-such", "/bin"), ("s\0h", "/bin")] {
            #expect(ProgramPath.find(name, in: path) == nil, "\(name)")
        }
    }
}
