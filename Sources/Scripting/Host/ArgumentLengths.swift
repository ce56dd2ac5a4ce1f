// How much text a call may be given where it is no content: names, addresses, options. All of it is looked through,
// encoded and compared by the host, while none of the script's limits runs.

import LuaRuntime

extension LuaReader {
    /// The first argument that is longer than `limit`, by its name; those without a name are content, with bounds of their
    /// own.
    func tooLong(_ names: [String?], limit: Int) -> String? {
        var reader = self
        for name in names {
            let before = reader.remaining
            guard reader.skip() else { return nil }
            // What stands around a text is not counted.
            if let name, before - reader.remaining > limit + 16 { return "\(name): longer than \(limit >> 10) KB" }
        }
        return nil
    }
}
