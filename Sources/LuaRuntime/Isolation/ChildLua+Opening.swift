// How a child comes to hold a script: what it is told, then the wall, and only then the script.

import Advice
import CLuaHost
import Glibc

extension ChildLua {
    /// The operations, once all are known. What goes wrong shows with the first prelude.
    func open() {
        guard !isOpen else { return }
        isOpen = true
        let raw = limits.raw
        let flags = options.hasFiles ? UInt32(LW_FILES) : 0
        let order = lw_open(
            memory: UInt64(raw.memory), instructions: raw.instructions, stretch_ns: raw.stretch_ns,
            total_ns: raw.total_ns,
            flags: flags, depth: UInt32(LuaLimits.taskDepth), operations: UInt32(operations.count),
            processor_seconds: UInt32(clamping: options.processorTime?.components.seconds ?? 0))
        var table: [UInt8] = []
        for operation in operations {
            let waits = operation.waits ? UInt8(LW_WAITS) : 0
            let entry = lw_operation(
                operation: operation.number, flags: waits | (operation.tells ? UInt8(LW_TELLS) : 0),
                name: UInt8(operation.name.utf8.count), shown: UInt8(operation.shown.utf8.count), zero: 0)
            withUnsafeBytes(of: entry) { table.append(contentsOf: $0) }
            table.append(contentsOf: operation.name.utf8)
            table.append(contentsOf: operation.shown.utf8)
        }
        _ = try? turn(.none) {
            withUnsafeBytes(of: order) { order in table.withUnsafeBytes { pipe.put(LW_OPEN, order, $0) } }
        }
    }

    /// From here on the child has no right left; only then is it sent a script.
    func wall() throws(ScriptFailure) {
        guard !isWalled else { return }
        open()
        _ = try turn(.none, LW_WALL, [], [])
        guard isWalled else { throw lose("it did not say which wall it is behind") }
    }

    func walled(_ bytes: UnsafeRawBufferPointer) throws(ScriptFailure) {
        guard !isWalled, bytes.count >= MemoryLayout<lw_walled>.size else { throw lose("it spoke of its wall in vain") }
        let said = bytes.loadUnaligned(as: lw_walled.self)
        let version = String(decoding: bytes.dropFirst(MemoryLayout<lw_walled>.size).prefix(32), as: UTF8.self)
        let wall = ScriptProcessOptions.Wall(
            hasFilter: said.missing & UInt32(LW_NO_FILTER) == 0, landlock: Int(said.landlock),
            libraryVersion: version)
        guard wall.hasFilter || options.acceptsHalfAWall else {
            throw lose(
                code: "isolation_failed",
                whole: "this system gives the script's process no system call filter "
                    + "(\(String(cString: strerror(said.filter_error)))), so a script is not run here that is not trusted; "
                    + "\(options.words(.halfAWall)) runs it with what there is")
        }
        isWalled = true
        options.report?(wall)
    }
}
