// Lets the server stop without losing a connection halfway in.
// NIO traps the process when the server goes away between a connection's setup and its first handling, so
// stopping first shuts this gate, then waits until nobody stands in it.

import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// Counts the connections that were set up but are not handled yet, and admits no more once shut.
final class ConnectionGate: Sendable {
    /// Why a connection was turned away.
    struct Shut: Error {}

    private let state = Mutex((isOpen: true, inside: 0))

    /// Lets a connection in; false once the gate is shut.
    func enter() -> Bool {
        state.withLock { state in
            if state.isOpen { state.inside += 1 }
            return state.isOpen
        }
    }

    /// A connection that was let in is handled now, or came to nothing.
    func leave() { state.withLock { $0.inside -= 1 } }

    /// Admits nobody from now on and waits until nobody is inside, for five seconds at most.
    func shut() async {
        state.withLock { $0.isOpen = false }
        let deadline = ContinuousClock.now + .seconds(5)
        while state.withLock({ $0.inside }) > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// HTTP/1.1 connections that pass through a gate.
struct GatedHTTP1Channel: ServerChildChannel {
    let base: HTTP1Channel
    let gate: ConnectionGate
    let prepare: @Sendable (any Channel) throws -> Void

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        guard gate.enter() else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ConnectionGate.Shut())
        }
        let ready = base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            try prepare(channel)
            return value
        }
        ready.whenFailure { _ in gate.leave() }
        return ready
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        gate.leave()
        await base.handle(value: value, logger: logger)
    }
}
