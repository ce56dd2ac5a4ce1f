// paylink.on, and the events of `paylink watch` on their way to the follow-ups.

import Console
import Ledger
import LuaRuntime
import OneShotPay
import Recorder

extension ScriptHost {
    /// Arguments: event, name, mode, key_prefix or nil, attempts or nil, the first pause. Gives the follow-up's number.
    func answerFollowUp(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let event = arguments.string().flatMap(LinkEvent.init) ?? .paid
        let name = arguments.string() ?? event.rawValue
        let mode = arguments.string().flatMap(EffectClaim.Mode.init) ?? .atMost
        let prefix = arguments.skipNull() ? nil : arguments.string()
        let attempts = arguments.skipNull() ? nil : arguments.integer().map { Int(clamping: $0) }
        let pause = readDuration(&arguments) ?? .seconds(60)
        followUps.append(
            FollowUpSpec(event: event, name: name, mode: mode, keyPrefix: prefix, attempts: attempts, pause: pause))
        reply.integer(Int64(followUps.count))
    }

    /// Gives a follow-up's number, the link, and its effect's key; or nothing at the end.
    func startWatchNext(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        guard let feed = openFeed() else {
            soon { waiter.returns { $0.null() } }
            return nil
        }
        feed.next(for: waiter.task.raw) { event in
            self.soon {
                waiter.returns { reply in
                    guard let event, event.followUp.record.link != nil else { return reply.null() }
                    reply.integer(Int64(event.spec + 1))
                    LinkWriter.write(event.followUp.record, to: reply)
                    reply.string(event.followUp.key)
                }
            }
        }
        return { feed.forget(waiter.task.raw) }
    }

    /// Arguments: the effect's key, what came of it, and what went wrong.
    func answerWatchDone(_ arguments: inout LuaReader) {
        guard let key = arguments.string(), let outcome = arguments.string().flatMap(FollowUpOutcome.init) else {
            return
        }
        feed?.ended(key, outcome, problem: arguments.value()?.stringValue)
    }

    /// Ends a watch in its own time: what is under way may finish, nothing new begins. A script that does not watch yet
    /// is ended at once.
    package func finishWatch() {
        guard let feed else { return stop(.interrupt) }
        feed.finish()
    }

    /// The script itself is through: what it registered is run by a task of its own, if this is a watch.
    func follow() {
        guard let watch = options.watch, let main else { return }
        guard !followUps.isEmpty else {
            return end(.failed(ScriptFailure(message: Self.registersNothing(source.name), code: "no_follow_up")))
        }
        do throws(ScriptFailure) {
            let driver = try state.load(
                PackageResources.watch_lua, chunk: "=[paylink watch]", arguments: [String(watch.width)])
            _ = scheduler.spawned(driver, by: main)
        } catch {
            end(.failed(error))
        }
    }

    private static func registersNothing(_ name: String) -> String {
        "\(name) registers no follow-up: call paylink.on(\"paid\", function(link) … end) for `paylink watch` to have something to do"
    }

    /// Under `paylink run` what was registered has no effect, which may be a mistake.
    func tellOfIdleFollowUps() {
        guard options.watch == nil, !followUps.isEmpty else { return }
        let text = "paylink.on was called, and nothing was followed up: paylink watch \(source.name) does that"
        log(LogMessage(level: .warn, text: text, fields: []))
    }

    /// The watch's events, from the first time on that somebody asks for one.
    private func openFeed() -> WatchFeed? {
        if let feed { return feed }
        guard let watch = options.watch else { return nil }
        let links: RecordedLinks
        do throws(OneShotPayError) { links = try self.links() } catch {
            soon { self.endWatch(LinkFailure(error)) }
            return nil
        }
        let made = WatchFeed(links, followUps, watch, log: log) { [weak self] failure in self?.endWatch(failure) }
        feed = made
        made.begin()
        return made
    }

    private func endWatch(_ failure: LinkFailure) {
        stop(because: ScriptFailure(message: failure.message, code: failure.code.name))
    }
}
