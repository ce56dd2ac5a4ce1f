// Which files decide what later runs do: scripts, modules and settings. Who may write them can give those runs more rights.

/// Names of files that paylink runs or obeys.
public enum RunnableName {
    /// Whether a file of this name is a script or settings: `*.lua` and `paylink.toml`.
    ///
    /// In any case, and with dots or spaces behind it: to some file systems these are the same name.
    public static func matches(_ name: String) -> Bool {
        let bytes = RealPath.folded(name)
        return bytes.suffix(4).elementsEqual(".lua".utf8) || bytes.elementsEqual("paylink.toml".utf8)
    }
}
