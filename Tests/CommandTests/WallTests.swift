// A script's process as the system shows it from outside, what it cannot do behind its wall, and what becomes of a run
// whose script's process lies.

import Foundation
import Glibc
import LuaRuntime
import TestSupport
import Testing

@Suite struct WallTests {
    /// The children of a process that go by a name.
    private static func children(of parent: pid_t, named name: String) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { child in
            let status = Self.status(of: child)
            return status["PPid"] == "\(parent)" && status["Name"] == name
        }
    }

    private static func status(of process: pid_t) -> [String: String] {
        let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1) }
        return Dictionary(
            lines.map { (String($0[0]), $0.count > 1 ? $0[1].trimmingCharacters(in: .whitespaces) : "") }
        ) { $1 }
    }

    /// Starts a script, and gives its process once the script is about to do `last`.
    private func started(_ last: String, _ options: [String]) async throws -> (run: ChildProcess, child: pid_t) {
        let run = try PaylinkProcess.start(
            ["run"] + options + ["-e", "log.info('ready') sleep(0) \(last)"],
            environment: [
                "ONESHOT_API_TOKEN": "kept-away", "ONESHOT_USER_ID": "u", "PAYLINK_SECRET_SHOP": "kept-away",
                "HOME": "/x",
                "TZ": "Europe/Berlin",
            ])
        try await run.message { $0.contains { $0.hasSuffix("ready") } }
        let found = Self.children(of: run.identifier, named: "paylink-script")
        #expect(found.count == 1)
        return (run, try #require(found.first))
    }

    @Test func itsProcessHoldsNothing() async throws {
        let (run, child) = try await started("sleep(60)", ["--untrusted"])
        defer { run.kill() }
        let status = Self.status(of: child)
        #expect(status["Seccomp"] == "2" && status["NoNewPrivs"] == "1", "\(status)")
        // What is in it can be looked at by root alone, which is the next claim.
        guard geteuid() == 0 else {
            #expect(open("/proc/\(child)/environ", O_RDONLY) < 0 && open("/proc/\(child)/mem", O_RDONLY) < 0)
            print("WallTests: environment and descriptors are not looked at, since that takes root")
            return
        }
        let environment = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(child)/environ"))
        #expect(String(decoding: environment, as: UTF8.self) == "TZ=Europe/Berlin\0")
        let folder = "/proc/\(child)/fd"
        let held = try FileManager.default.contentsOfDirectory(atPath: folder).map {
            try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0)
        }
        #expect(held.filter { $0.hasPrefix("socket:") }.count == 1, "\(held)")
        #expect(held.allSatisfy { $0.hasPrefix("socket:") || $0 == "/dev/null" }, "\(held)")
    }

    /// Also while it computes, and so hears nothing of it.
    @Test(arguments: ["sleep(60)", "while true do end"])
    func itEndsWithPaylinkHoweverThatEnds(_ last: String) async throws {
        let (run, child) = try await started(last, ["--untrusted", "--max-busy=60s"])
        run.send(SIGKILL)
        _ = try await run.finish()
        // Ended, or a name in a table that nobody has read yet.
        for _ in 0..<500 where !["", "Z (zombie)"].contains(Self.status(of: child)["State"] ?? "") {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(["", "Z (zombie)"].contains(Self.status(of: child)["State"] ?? ""))
    }

    #if arch(x86_64)
        /// write, open, mprotect, socket, connect, clone, execve, kill, rename, unlink, ptrace, setuid, prctl, bpf,
        /// process_vm_readv, memfd_create, io_uring_setup, openat2; and of those that are on the list with one argument
        /// alone: recvmsg, sendto, tgkill.
        static let calls = [
            1, 2, 10, 41, 42, 56, 59, 62, 82, 87, 101, 105, 157, 321, 310, 319, 425, 437, 47, 44, 234,
        ]
        /// fstat, ioctl, openat, newfstatat: the C library asks for them, and is told no.
        static let refused = [5, 16, 257, 262]

        private func end(making call: Int) throws -> Result<Void, ScriptFailure> {
            var options = ScriptProcessOptions()
            options.arguments = ["--try", String(call)]
            let state = try LuaState(limits: LuaLimits(), isolation: .process(options), host: SilentHost())
            try state.runPrelude([], chunk: "=[paylink test]")
            do throws(ScriptFailure) {
                _ = try state.load(Array("return".utf8), chunk: "=x", arguments: [])
                return .success(())
            } catch {
                return .failure(error)
            }
        }

        @Test(arguments: calls) func whatIsNotOnTheListEndsIt(_ call: Int) throws {
            guard case .failure(let failure) = try end(making: call) else {
                Issue.record("call \(call) was made")
                return
            }
            #expect(failure.stop == .lost && failure.message.contains("must not make (number \(call),"), "\(failure)")
        }

        @Test(arguments: refused) func whatTheLibraryAsksForIsRefused(_ call: Int) throws {
            if case .failure(let failure) = try end(making: call) { Issue.record("call \(call): \(failure)") }
        }
    #endif

    /// An installation whose script's process is another program: one that lies, in one way.
    private func installation(_ kind: String) throws -> (folder: TemporaryFolder, paylink: String) {
        let folder = try TemporaryFolder(), real = try PaylinkProcess.located.get()
        let paylink = folder.path + "/paylink"
        // Not while a child starts: it would hold the copy open for writing, and nothing could execute it.
        try Spawning.turn.withLock {
            if link(real, paylink) != 0 { try FileManager.default.copyItem(atPath: real, toPath: paylink) }
        }
        let liar = ScriptProcessOptions.beside("hostile-child")
        try folder.write("paylink-script", "#!/bin/sh\nexec '\(liar)' \(kind) 1 0\n", mode: 0o755)
        return (folder, paylink)
    }

    @Test(arguments: [
        ("no-filter", ["--untrusted"], 78, "no system call filter"),
        ("no-filter", ["--untrusted", "--isolation=half"], 0, "half"),
        ("garbage", ["--untrusted"], 70, "broke the rules"),
        ("unknown-kind", ["--isolation=process"], 70, "broke the rules"), ("crash", ["--untrusted"], 70, "crashed"),
        ("silence", ["--untrusted", "--max-busy=100ms"], 124, "2 s later"),
    ])
    func aProcessThatLiesEndsTheRunWithItsStatus(_ kind: String, _ options: [String], _ status: Int32, _ says: String)
        async throws
    {
        let (folder, paylink) = try installation(kind)
        let script = try folder.write("mug.lua", "print(1)")
        let outcome = try await ChildProcess(
            paylink, ["run"] + options + [script], environment: ["PAYLINK_LEDGER": folder.path + "/ledger.db"]
        ).finish()
        #expect(outcome.status == status && outcome.errors.contains(says), "\(outcome)")
    }
}
