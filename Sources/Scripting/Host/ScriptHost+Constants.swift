// What never changes during a run, told to a script's own process beforehand.

import LuaRuntime

extension ScriptHost {
    /// What a script's own process need not ask for.
    func keepConstants() {
        func keep(_ operation: Operation, _ arguments: [LuaValue] = []) {
            state.keep(
                LuaConstant(operation: operation.rawValue, arguments: arguments) { [unowned self] reply in
                    let given = LuaEncoded(arguments)
                    var reader = given.reader
                    _ = answer(operation, &reader, reply)
                })
        }
        keep(.facts)
        for module in Prelude.modules { keep(.prelude, [.string(module.name)]) }
    }
}
