// A sandbox inside this process, for --sandbox.

import Dispatch
import OneShotPay
import Sandbox
import Synchronization

/// A running sandbox, and how to reach it.
struct SandboxSession {
    let server: SandboxServer

    var credentials: Credentials? {
        try? Credentials(userID: server.options.userID, apiToken: server.options.apiToken)
    }

    static func start(_ options: SandboxOptions) throws -> SandboxSession {
        SandboxSession(server: try blocking { try await SandboxServer.start(options) })
    }

    func stop() {
        _ = try? blocking { await server.stop() }
    }
}

/// Waits, on a thread that has nothing else to do, for an asynchronous call.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let outcome = Mutex<Result<Value, any Error>?>(nil)
    Task {
        do {
            let value = try await body()
            outcome.withLock { $0 = .success(value) }
        } catch {
            outcome.withLock { $0 = .failure(error) }
        }
        done.signal()
    }
    done.wait()
    // Safe because: set before the signal.
    return try outcome.withLock { $0 }!.get()
}
