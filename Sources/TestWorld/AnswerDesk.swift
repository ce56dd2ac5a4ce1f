// What the test's own script is asked: requests to other hosts, programs, customers of new links. It comes for them one
// by one and answers by number; a question that nobody has a handler for fails the test.

import HTTPTransport
import LuaRuntime
import Mail
import Programs
import Scripting

/// Questions to the test's own script, and their answers.
final class AnswerDesk {
    enum Question {
        case customer(link: String)
        case request(HTTPRequest)
        case program(ProgramCall)
        case mail(WorldMail)
    }

    enum Answer {
        case response(HTTPResponse)
        case program(ProgramResult)
        case mail(MailAnswer)
        /// The script has no handler for it, or its handler failed.
        case none(String)
    }

    /// What the test says of a mail.
    struct MailAnswer {
        /// Addresses that the server does not take.
        var refused: [String] = []
        /// Why no recipient gets it.
        var failure: MailFailure.Code?
        var message = ""

        func result(for recipients: [String]) -> Result<MailReceipt, MailFailure> {
            if let failure { return .failure(MailFailure(failure, message)) }
            let accepted = recipients.filter { !refused.contains($0) }
            guard !accepted.isEmpty else { return .failure(MailFailure(.refused, message)) }
            let refusals = recipients.filter(refused.contains).map {
                MailReceipt.Refusal(address: $0, message: message, isTransient: false)
            }
            return .success(MailReceipt(accepted: accepted, refused: refusals))
        }
    }

    /// Whether the script listens at all.
    private(set) var isOpen = false
    private var waiting: [(number: Int64, question: Question)] = []
    private var open: [Int64: (Answer) -> Void] = [:]
    private var taker: ((Int64, Question)?) -> Void = { _ in }
    private var hasTaker = false
    private var count: Int64 = 0
    private var wanted: Set<String> = []

    /// From now on somebody takes questions.
    /// - Parameter kind: "customer" or "mail" for those that are left out before; `nil` for the others.
    func listen(to kind: String?) {
        isOpen = true
        if let kind { wanted.insert(kind) }
    }

    var judgesMail: Bool { isOpen && wanted.contains("mail") }

    func customer(_ link: String) {
        guard isOpen, wanted.contains("customer") else { return }
        put(.customer(link: link)) { _ in }
    }

    func ask(_ question: Question, _ done: @escaping (Answer) -> Void) {
        guard isOpen else { return done(.none("the test has no handler for it")) }
        put(question, done)
    }

    private func put(_ question: Question, _ done: @escaping (Answer) -> Void) {
        count += 1
        open[count] = done
        waiting.append((count, question))
        serve()
    }

    /// Gives the next question, now or when there is one; nothing at the end.
    func next(_ take: @escaping ((Int64, Question)?) -> Void) {
        taker = take
        hasTaker = true
        serve()
    }

    func answer(_ number: Int64, _ answer: Answer) { open.removeValue(forKey: number)?(answer) }

    func close() {
        isOpen = false
        waiting = []
        open = [:]
        hasTaker = false
        taker = { _ in }
    }

    private func serve() {
        guard hasTaker, !waiting.isEmpty else { return }
        hasTaker = false
        let next = waiting.removeFirst()
        taker((next.number, next.question))
    }
}
