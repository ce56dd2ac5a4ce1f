// secret(name): values that a script can pass on and never see.

import Console
import LuaRuntime

extension ScriptHost {
    /// Arguments: name. Gives the secret's number; or nil, code and message.
    func startSecret(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let name = arguments.value()?.stringValue ?? ""
        if let number = secrets.number(of: name) {
            soon { waiter.returns { $0.integer(number) } }
            return nil
        }
        guard Self.isSecretName(name) else {
            soon {
                waiter.returns { reply in
                    reply.null()
                    reply.string("invalid_request" as StaticString)
                    reply.string(
                        "\"\(ShownText.short(name))\" cannot be a secret's name: use letters, digits, _, - and ., at most 100"
                    )
                }
            }
            return nil
        }
        let source = options.secrets
        return offLoop({ source.read(name) }) { [self] result in
            waiter.returns { reply in
                switch result {
                case .success(let value) where !value.isEmpty: reply.integer(secrets.add(name, value))
                case .success:
                    reply.null()
                    reply.string("unreadable" as StaticString)
                    reply.string("the secret \"\(name)\" is empty")
                case .failure(let problem):
                    reply.null()
                    reply.string(problem.code)
                    reply.string(problem.message)
                }
            }
        }
    }

    /// A name becomes part of a file's path and of a variable's name.
    static func isSecretName(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
