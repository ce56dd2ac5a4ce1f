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
}
