// The service of a test's world: requests on their way to it, payments, and what goes wrong.

import HTTPTransport
import Ledger
import NIOCore
import OneShotPay
import Recorder
import Sandbox
import Simulation

extension TestWorld {
    /// How long a request takes to the service, and its reply back: short, and never nothing.
    private static var latency: TimeAmount { .milliseconds(20) }

    /// What becomes of a request: the service's own faults decide the rest.
    func fate() -> RequestFate { RequestFate(toConnect: .milliseconds(5), there: Self.latency, back: Self.latency) }

    /// The service's answer to a request that arrives now.
    func serve(_ request: ArrivedRequest) -> ServedReply {
        let answer = service.answer(
            method: request.method, path: request.path, headers: request.headers, body: request.body)
        var served = ServedReply(status: answer.status, headers: answer.headers, body: answer.body)
        if let fault = answer.fault { served.suffer(fault) }
        let isReplied: Bool =
            switch served.ending {
            case .lost, .replyLost: false
            default: true
            }
        requests.append(
            WorldRequest(
                at: unixTime, method: request.method, path: request.path, status: isReplied ? answer.status : nil))
        noticeLinks()
        return served
    }

    /// Tells the test's customers of links that were made, and makes sure that nobody's looks pass over their ends.
    private func noticeLinks() {
        let links = service.links
        guard links.count > linksSeen else { return }
        for link in links[linksSeen...] {
            time.noteChange()
            watchExpiry(of: link)
            desk.customer(link.id)
        }
        linksSeen = links.count
    }

    private func watchExpiry(of link: SandboxLink) {
        let left = Double(link.expirationTimestamp) - unixTime
        later(.seconds(max(left, 0))) { [weak self] in self?.time.noteChange() }
    }

    // MARK: What happens to links

    /// Pays a link now.
    /// - Parameters:
    ///   - amount: in micro-USDC; `nil` is all of it.
    ///   - hidden: for how long the service counts it and does not show it.
    func pay(_ id: String, amount: Int64?, late: Bool, hidden: Duration?) throws(SandboxError) {
        time.noteChange()
        try service.pay(id, amount: amount, late: late, shown: hidden == nil)
        if let hidden {
            later(hidden) { [weak self] in
                self?.time.noteChange()
                _ = try? self?.service.show(id)
            }
        }
        // The hash of its transaction appears by itself.
        later(Self.settlement) { [weak self] in self?.time.noteChange() }
    }

    func end(_ id: String, _ ending: SandboxService.Ending) throws(SandboxError) {
        time.noteChange()
        try service.end(id, ending)
    }

    /// The id of a link that is named by its id, its key or its whole address; `nil` where there is none.
    func link(named text: String) -> String? {
        let links = service.links
        if links.contains(where: { $0.id == text }) { return text }
        if let record = try? reader.links(keys: [text]).first ?? nil { return record.link?.id.description }
        return links.last { text.contains($0.id) }?.id
    }

    func add(_ fault: Fault) {
        time.noteChange()
        service.add(fault)
    }

    func clearFaults() {
        time.noteChange()
        service.clearFaults()
    }
}

extension ServedReply {
    /// What a fault of the service does to a reply on its way.
    fileprivate mutating func suffer(_ fault: Fault) {
        delay = delay + TimeAmount(fault.delay)
        switch fault.action {
        case .resetBeforeCommit: ending = .lost
        case .resetAfterCommit: ending = .replyLost
        case .truncate(let at, .body): ending = .cut(at: at)
        // A head that is cut tells nothing.
        case .truncate(_, .response): ending = .replyLost
        case .latency(let wait): delay = delay + TimeAmount(wait)
        case .slowBody(let rate):
            delay = delay + TimeAmount(Duration.seconds(Double(response.body.readableBytes) / Double(max(rate, 1))))
        case .status, .redirect, .wrongContentType, .hugeBody, .garbageBody, .bomBody, .gzipBody, .revokeTokens,
            .expireTokens:
            break
        }
    }
}
