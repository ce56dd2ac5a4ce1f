// Operations that suspend their task: each is started here and finished by its waiter.

import LuaRuntime
import NIOCore
import OneShotPay

extension ScriptHost {
    /// Starts what the task waits for.
    /// - Returns: how to abandon it, when it can be.
    func startWaiting(_ operation: Operation, _ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        if let refuse = untrustedRefusal(of: operation) {
            soon { waiter.returns(refuse) }
            return nil
        }
        switch operation {
        case .create: return startCreate(&arguments, waiter)
        case .get: return startGet(&arguments, waiter)
        case .wait: return startWait(&arguments, waiter)
        case .sleep: return startSleep(&arguments, waiter)
        case .find: return startFind(&arguments, waiter)
        case .list: return startList(&arguments, waiter)
        case .once: return startOnce(&arguments, waiter)
        case .onceEnd: return startOnceEnd(&arguments, waiter)
        case .groupNext: return startGroupNext(&arguments, waiter)
        case .httpSend: return startHTTP(&arguments, waiter)
        case .mailSend: return startMail(&arguments, waiter)
        case .runProgram: return startProgram(&arguments, waiter)
        case .readSecret: return startSecret(&arguments, waiter)
        case .csvAppend: return startAppend(&arguments, waiter)
        case .watchNext: return startWatchNext(&arguments, waiter)
        case .moduleWait: return startModuleWait(&arguments, waiter)
        default:
            soon { waiter.returns { _ in } }
            return nil
        }
    }

    /// Runs after the current task has been put aside.
    func soon(_ body: @escaping () -> Void) { eventLoop.assumeIsolated().execute(body) }

    private func startSleep(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let delay = readDuration(&arguments) ?? .zero
        let due = eventLoop.now + TimeAmount(delay)
        let number = sleepers.add(waiter, due: due)
        setAlarm(due)
        return { [weak self] in self?.sleepers.remove(number) }
    }

    /// Makes sure that somebody looks when the next sleeper is due.
    private func setAlarm(_ due: NIODeadline) {
        if let alarm, alarm.due <= due { return }
        alarm?.timer.cancel()
        alarm = (due, eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in self?.wakeSleepers() })
    }

    private func wakeSleepers() {
        alarm = nil
        let now = eventLoop.now
        while let waiter = sleepers.popDue(now) {
            waiter.returns { _ in }
            // Of thousands that are due at once some leave the loop its turn.
            if eventLoop.now - now > .milliseconds(10) { break }
        }
        if let due = sleepers.due { setAlarm(due) }
    }
}
