// paylink.on, and the events of `paylink watch` on their way to the follow-ups.

import Advice
import Console
import Ledger
import LuaRuntime
import OneShotPay
import Recorder

final class WatchModule: APIModule {
    static let lua = [LuaFile(name: "on", text: PackageResources.on_lua)]

    private unowned let host: ScriptHost
    /// What the script registered with `paylink.on`.
    private var followUps: [FollowUpSpec] = []
    /// Events for the follow-ups, once the script itself is through.
    private var feed: WatchFeed?

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("follow_up", untrusted: .granted, .answers(register)),
            Operation("watch_next", untrusted: .granted, .waits(next)),
            Operation("watch_done", untrusted: .granted, .notes(ended)),
        ]
    }

    /// Arguments: event, name, mode, key_prefix or nil, attempts or nil, the first pause. Gives the follow-up's number; or nil and what is wrong with its name.
    private func register(_ arguments: inout LuaReader, _ reply: LuaWriter) {
        let event = arguments.string().flatMap(LinkEvent.init) ?? .paid
        let name = arguments.string() ?? event.rawValue
        let mode = arguments.string().flatMap(EffectClaim.Mode.init) ?? .atMost
        let prefix = arguments.skipNull() ? nil : arguments.string()
        let attempts = arguments.skipNull() ? nil : arguments.integer().map { Int(clamping: $0) }
        let pause = arguments.duration() ?? .seconds(60)
        // It becomes part of its effects' keys.
        if let problem = LinkOrder.problem(withKey: name) { return reply.failure(problem) }
        followUps.append(
            FollowUpSpec(event: event, name: name, mode: mode, keyPrefix: prefix, attempts: attempts, pause: pause))
        reply.integer(Int64(followUps.count))
    }

    /// Gives a follow-up's number, the link, and its effect's key; or nothing at the end.
    private func next(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        guard let feed = openFeed() else {
            host.soon { waiter.returns { $0.null() } }
            return nil
        }
        feed.next(for: waiter.task.raw) { [host] event in
            host.soon {
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
    private func ended(_ arguments: inout LuaReader) {
        guard let key = arguments.string(), let outcome = arguments.string().flatMap(FollowUpOutcome.init) else {
            return
        }
        feed?.ended(key, outcome, problem: arguments.value()?.stringValue)
    }

    /// What is under way may finish, nothing new begins. A script that does not watch yet is ended at once.
    func finish() -> Bool {
        feed?.finish()
        return feed != nil
    }

    /// What the script registered is run by a task of its own, if this is a watch.
    func mainTaskEnded() {
        guard let watch = host.options.watch else { return }
        guard !followUps.isEmpty else {
            return host.stop(
                because: ScriptFailure(message: registersNothing, code: "no_follow_up"))
        }
        host.spawnForMain(PackageResources.watch_lua, chunk: "=[paylink watch]", arguments: [String(watch.width)])
    }

    private var registersNothing: String {
        "\(host.source.name) registers no follow-up: call paylink.on(\"paid\", function(link) … end) for "
            + "\(host.options.words(.thisWatch)) to have something to do"
    }

    func scriptEnded(_ result: ScriptResult) -> ScriptFailure? {
        feed?.close()
        // Under `paylink run` what was registered has no effect, which may be a mistake.
        if host.options.watch == nil, !followUps.isEmpty {
            let watch = host.options.words(.watch(script: host.source.isFile ? host.source.name : "FILE"))
            let text = "paylink.on was called, and nothing was followed up: \(watch) does that"
            host.log(LogMessage(level: .warn, text: text, fields: []))
        }
        return nil
    }

    /// The watch's events, from the first time on that somebody asks for one.
    private func openFeed() -> WatchFeed? {
        if let feed { return feed }
        guard let watch = host.options.watch else { return nil }
        let links: RecordedLinks
        do throws(OneShotPayError) { links = try host.links() } catch {
            host.soon { self.endWatch(LinkFailure(error)) }
            return nil
        }
        let made = WatchFeed(links, followUps, watch, log: host.log) { [weak self] failure in self?.endWatch(failure) }
        feed = made
        made.begin()
        return made
    }

    private func endWatch(_ failure: LinkFailure) {
        host.stop(because: ScriptFailure(message: failure.message, code: failure.code.name))
    }
}
