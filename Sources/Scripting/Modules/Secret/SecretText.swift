// Text of a script that may hold secrets: the real bytes, for whoever sends them, and never for whoever prints them.

import LuaRuntime

/// A text as it goes out. It prints as `***` when any of it is secret.
struct SecretText: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]
    let isSecret: Bool

    /// The text; `nil` when it is not valid UTF-8.
    var string: String? { String(validating: bytes, as: UTF8.self) }

    var description: String { isSecret ? "***" : String(decoding: bytes, as: UTF8.self) }
    var customMirror: Mirror { Mirror(self, children: ["text": description]) }
}

extension SecretBook {
    /// Reads an argument that is text, a number, a boolean, money or a secret; `nil` when it is nil.
    ///
    /// The prelude's kind `text` lets strings and secrets through, so modules need no check of their own.
    func text(_ arguments: inout LuaReader) -> SecretText? {
        switch arguments.kind {
        case .string: return arguments.bytes().map { SecretText(bytes: Array($0), isSecret: false) }
        case .secret: return SecretText(bytes: value(&arguments), isSecret: true)
        case .null, .nullSentinel:
            _ = arguments.skipNull()
            return nil
        default:
            return arguments.value().map { SecretText(bytes: Array(LogText.plain($0).utf8), isSecret: false) }
        }
    }

    /// The value of a secret: its parts, one after the other.
    func value(_ arguments: inout LuaReader) -> [UInt8] {
        guard arguments.secret(), arguments.enter() != nil else { return [] }
        var bytes: [UInt8] = []
        while let kind = arguments.kind, kind != .end {
            if let text = arguments.bytes() {
                bytes.append(contentsOf: text)
            } else if let number = arguments.integer() {
                bytes.append(contentsOf: value(number) ?? [])
            } else if !arguments.skip() {
                break
            }
        }
        arguments.leave()
        return bytes
    }
}
