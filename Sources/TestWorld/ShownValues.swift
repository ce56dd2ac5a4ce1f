// How values are shown, for others who show them: the Lua of it, in the prelude's manner.

package enum ShownValues {
    /// Sets `host.testing.show(value, special)`.
    package static let lua = PackageResources.values_lua
}
