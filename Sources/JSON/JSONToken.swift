// What JSONReader reports, one step at a time.

/// One step of a JSON text, as ``JSONReader/next()`` reports it.
///
/// The content of `key`, `string` and `number` is in the reader's ``JSONReader/text`` until the next step.
package enum JSONToken: Sendable, Hashable {
    case beginObject
    case endObject
    case beginArray
    case endArray
    case key
    case string
    case number
    case bool(Bool)
    case null
    /// The value is complete and only white space followed it.
    case end

    /// Inlined where it is used: comparing tokens is most of what is done with them.
    @inlinable @inline(__always)
    package static func == (left: JSONToken, right: JSONToken) -> Bool {
        switch (left, right) {
        case (.bool(let a), .bool(let b)): a == b
        case (.beginObject, .beginObject), (.endObject, .endObject), (.beginArray, .beginArray),
            (.endArray, .endArray), (.key, .key), (.string, .string), (.number, .number), (.null, .null), (.end, .end):
            true
        default: false
        }
    }
}
