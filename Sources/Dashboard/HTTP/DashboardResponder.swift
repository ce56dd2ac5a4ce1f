// The HTTP side: who may ask, which page it is, and the answer with headers that keep others out.

import HTTPTypes
import HummingbirdCore
import Ledger
import LocalServer
import NIOCore
import Pages
import Report
import Synchronization

/// Answers every request that reaches the dashboard.
final class DashboardResponder: Sendable {
    private let sources: DashboardSources
    private let follower: LedgerFollower
    private let token: AccessToken
    private let guardian = OriginGuard()
    private let pages: LedgerReader
    private let jobs: JobReader
    private let cache = Mutex<(version: Int, pages: [String: ByteBuffer])>((0, [:]))

    /// The largest form that is read.
    private static let bodyLimit = 16 * 1024
    private static let mostCached = 64
    private static let style = ReportStyle.css + String(decoding: PackageResources.dashboard_css, as: UTF8.self)
    private static let script = String(decoding: PackageResources.live_js, as: UTF8.self)

    init(_ sources: DashboardSources, _ follower: LedgerFollower, _ token: AccessToken) throws(LedgerError) {
        (self.sources, self.follower, self.token) = (sources, follower, token)
        pages = LedgerReader(try sources.open("dashboard"), label: "dashboard's pages")
        jobs = JobReader(sources.openJobs)
    }

    deinit { pages.close() }

    func respond(to request: Request, with writer: consuming ResponseWriter) async throws {
        let response = await answer(request)
        let isHead = request.method == .head
        try await writer.write(
            response: isHead ? response.createHeadResponse().head : response.head,
            body: isHead ? ResponseBody() : response.body)
    }

    private func answer(_ request: Request) async -> Response {
        do throws(OriginGuard.Problem) {
            try guardian.check(request, changes: request.method != .get && request.method != .head)
        } catch {
            let isHost = error == .foreignHost
            return .plain(
                isHost ? .misdirectedRequest : .forbidden,
                isHost ? "the dashboard does not answer to that Host" : "only the dashboard's own pages may do this")
        }
        // Nothing, the token, the rest.
        let parts = request.uri.path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, token.isSame(as: parts[1]) else {
            return .plain(
                .notFound, "the address that paylink dashboard has printed is needed, with all of its letters")
        }
        guard let route = DashboardRoute(parts[2]) else { return await page(missing: request) }
        let isRead = request.method == .get || request.method == .head
        guard isRead == (route != .act), isRead || request.method == .post else {
            return .plain(.methodNotAllowed, "this address takes \(route == .act ? "POST" : "GET")")
        }
        do {
            switch route {
            case .style: return .asset(Self.style, "text/css; charset=utf-8")
            case .script: return .asset(Self.script, "text/javascript; charset=utf-8")
            case .events: return events()
            case .act: return try await act(request)
            case .page(let page): return try await self.page(page, request)
            }
        } catch {
            let message = (error as? LedgerError)?.message ?? "the page cannot be made"
            return .plain(.serviceUnavailable, message)
        }
    }

    private func context(_ request: Request) -> PageContext {
        let language = AcceptedLanguage.of(request.headers[.acceptLanguage])
        return PageContext(
            words: .of(language), root: "/\(token.text)/", sources: sources, standing: follower.standing)
    }

    // MARK: Pages

    private func page(_ page: DashboardPage, _ request: Request) async throws -> Response {
        let context = context(request)
        // The same page, as many may look at it: until something changes, or a minute has gone by.
        let name = "\(context.language.rawValue) \(sources.now() / 60) \(request.uri.path)?\(request.uri.query ?? "")"
        let version = context.standing.version
        if let known = cache.withLock({ $0.version == version ? $0.pages[name] : nil }) { return .page(known) }
        guard let html = try await html(page, request, context) else { return await self.page(missing: request) }
        let bytes = ByteBuffer(string: html.text)
        cache.withLock { cache in
            guard cache.version <= version else { return }
            if cache.version < version || cache.pages.count >= Self.mostCached { cache = (version, [:]) }
            cache.pages[name] = bytes
        }
        return .page(bytes)
    }

    /// `nil`: there is no such thing.
    private func html(_ page: DashboardPage, _ request: Request, _ context: PageContext) async throws -> HTML? {
        let fields = FormFields(request.uri.query ?? ""), scope = sources.scope
        switch page {
        case .today: return TodayPage.html(context)
        case .times: return TimesPage.html(context)
        case .doubt: return DoubtPage.html(context, said: fields["said"].map { $0 == "done" })
        case .links:
            let asked = LinkFinder(fields)
            return LinksPage.html(asked, try await pages.read { try asked.find(in: $0, scope) }, context)
        case .link(let row):
            return try await pages.read { try LinkStory(row: row, in: $0) }.map { LinkPage.html($0, context) }
        case .jobs:
            let runs = try await jobs.read { try $0.runs(limit: JobStanding.mostRuns) } ?? []
            let batches = try await pages.read { try $0.runs(command: "batch", limit: JobStanding.mostBatches) }
            let schedules = await jobs.perform(sources.schedules)
            return JobsPage.html(JobStanding(runs, schedules, batches: batches), context)
        case .run(let id): return try await jobs.read { try $0.run(id) }?.map { JobsPage.run($0, context) }
        }
    }

    private func page(missing request: Request) async -> Response {
        let context = context(request)
        let html = PageFrame.html(.today, title: context.words.notFound, context, "")
        return .page(ByteBuffer(string: html.text), status: .notFound)
    }

    // MARK: Events

    /// Tells of each change, until the browser or the dashboard goes.
    private func events() -> Response {
        let events = follower.events()
        var response = Response(status: .ok, headers: .guarded("text/event-stream"))
        response.body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            for await event in events {
                try await writer.write(ByteBuffer(string: event == .changed ? "event: change\ndata: 1\n\n" : ":\n\n"))
            }
            try await writer.finish(nil)
        }
        return response
    }

    // MARK: Decisions

    private func act(_ request: Request) async throws -> Response {
        guard sources.allowsActions else { return .plain(.forbidden, context(request).words.readOnly) }
        let body: ByteBuffer
        do { body = try await request.body.collect(upTo: Self.bodyLimit) } catch {
            return .plain(.contentTooLarge, "a form may have \(Self.bodyLimit) bytes at most")
        }
        let fields = FormFields(String(buffer: body))
        guard let decision = DoubtDecision(fields) else {
            return .plain(.badRequest, "nothing that can be decided was named")
        }
        let context = context(request)
        guard fields["confirmed"] == "yes" else {
            guard let name = try await pages.read({ try decision.name(in: $0) }) else {
                return await page(missing: request)
            }
            return .page(ByteBuffer(string: DoubtPage.confirmation(decision, name: name, context).text))
        }
        let sources = sources
        let isDone = try await Task.detached { try decision.perform(sources) }.value
        var response = Response.plain(.seeOther, "")
        response.headers[.location] = "\(context.address(.doubt))?said=\(isDone ? "done" : "refused")"
        return response
    }
}
