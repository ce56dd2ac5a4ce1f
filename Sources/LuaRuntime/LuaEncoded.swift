// Values in their encoded form, held by Swift: what a call's arguments look like before there is a call.

/// Encoded values and a reader over them.
package final class LuaEncoded {
    private let buffer = ReplyBuffer()

    package init(_ values: [LuaValue]) {
        let writer = LuaWriter(buffer.emptied())
        for value in values { writer.value(value) }
    }

    /// Valid as long as this object.
    package var reader: LuaReader { LuaReader(buffer.bytes) }
}
