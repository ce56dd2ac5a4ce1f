// secret(name): values that a script can pass on and never see.

import Console
import LuaRuntime

final class SecretModule: APIModule {
    static let lua = [LuaFile(name: "secret", text: PackageResources.secret_lua, globals: ["secret"])]

    private unowned let host: ScriptHost

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [Operation("read_secret", shown: "secret", untrusted: .coded, .waits(read))]
    }

    /// Arguments: name. Gives the secret's number; or nil, code and message.
    private func read(_ arguments: inout LuaReader, _ waiter: Waiter) -> (() -> Void)? {
        let name = arguments.value()?.stringValue ?? ""
        if let number = host.secrets.number(of: name) {
            host.soon { waiter.returns { $0.integer(number) } }
            return nil
        }
        guard Self.isSecretName(name) else {
            host.soon {
                waiter.returns {
                    $0.failure(
                        code: "invalid_request",
                        "\"\(ShownText.short(name))\" cannot be a secret's name: use letters, digits, _, - and ., at most 100"
                    )
                }
            }
            return nil
        }
        let source = host.options.secrets
        return host.offLoop({ source.read(name) }) { [secrets = host.secrets] result in
            waiter.returns { reply in
                switch result {
                case .success(let value) where !value.isEmpty: reply.integer(secrets.add(name, value))
                case .success: reply.failure(code: "unreadable", "the secret \"\(name)\" is empty")
                case .failure(let problem): reply.failure(code: problem.code, problem.message)
                }
            }
        }
    }

    /// A name becomes part of a file's path and of a variable's name.
    private static func isSecretName(_ name: String) -> Bool {
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
