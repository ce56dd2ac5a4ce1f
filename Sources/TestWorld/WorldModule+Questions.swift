// Questions to the test's handlers on their way to Lua, and the answers on their way back.

import HTTPTransport
import LuaRuntime
import Mail
import NIOCore
import Programs
import Scripting

extension WorldModule {
    /// Gives the question's number and kind, and: for a customer the link's id; for a request method, address, headers
    /// and body; for a program its words and its input; for a mail what is in it. Nothing at the end.
    func nextQuestion(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        world.desk.next { [host] next in
            host.soon {
                waiter.returns { reply in
                    guard let (number, question) = next else { return reply.null() }
                    reply.integer(number)
                    Self.write(question, to: reply)
                }
            }
        }
        return nil
    }

    private static func write(_ question: AnswerDesk.Question, to reply: LuaWriter) {
        switch question {
        case .customer(let link):
            reply.string("customer")
            reply.string(link)
        case .request(let request):
            reply.string("request")
            reply.string(request.method)
            reply.string(request.address.origin + request.address.target)
            reply.beginMap(hint: request.headers.count)
            for (name, value) in request.headers {
                reply.string(name.lowercased())
                reply.string(value)
            }
            reply.end()
            (request.body ?? ByteBuffer()).withUnsafeReadableBytes { reply.string($0) }
        case .program(let call):
            reply.string("program")
            reply.beginArray(hint: call.arguments.count)
            for word in call.arguments { reply.string(word) }
            reply.end()
            if case .bytes(let bytes) = call.input { bytes.withUnsafeBytes { reply.string($0) } } else { reply.null() }
        case .mail(let mail):
            reply.string("mail")
            mail.write(to: reply)
        }
    }

    /// Arguments: the question's number, and "response" with status, headers and body; "program" with status, output and
    /// errors; "mail" with the recipients that are refused, the failure's code or nil, and its message; or "none" with the
    /// reason.
    func answer(_ arguments: inout LuaReader) {
        let number = arguments.integer() ?? 0
        switch arguments.string() {
        case "response":
            let status = Int(clamping: arguments.integer() ?? 200)
            var headers: [(name: String, value: String)] = []
            if case .table(let fields)? = arguments.value() {
                headers = fields.map { (name: $0.key.stringValue ?? "", value: $0.value.stringValue ?? "") }
            }
            let body = ByteBuffer(bytes: arguments.value()?.rawBytes ?? [])
            world.desk.answer(number, .response(HTTPResponse(status: status, headers: headers, body: body)))
        case "program":
            let status = Int32(clamping: arguments.integer() ?? 0)
            var result = ProgramResult(end: .status(status))
            result.output = arguments.value()?.rawBytes ?? []
            result.errors = arguments.value()?.rawBytes ?? []
            world.desk.answer(number, .program(result))
        case "mail":
            var mail = AnswerDesk.MailAnswer()
            if case .array(let names)? = arguments.value() { mail.refused = names.compactMap(\.stringValue) }
            mail.failure = arguments.value()?.stringValue.flatMap(MailFailure.Code.init(rawValue:))
            mail.message = arguments.value()?.stringValue ?? ""
            world.desk.answer(number, .mail(mail))
        default:
            world.desk.answer(number, .none(arguments.value()?.stringValue ?? "it has no answer"))
        }
    }
}

extension LuaValue {
    /// A string's bytes, text or not.
    var rawBytes: [UInt8]? {
        switch self {
        case .string(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        default: nil
        }
    }
}
