// bench: what scripts/bench measures.

import LuaRuntime

final class BenchModule: APIModule {
    static let lua = [LuaFile(name: "bench", text: PackageResources.bench_lua, globals: ["bench"])]
    static func isOffered(to options: ScriptOptions) -> Bool { options.offersBenchCalls }

    private unowned let host: ScriptHost

    init(_ host: ScriptHost) { self.host = host }

    var operations: [Operation] {
        [
            Operation("bench_call", untrusted: .granted, .answers { $1.integer($0.integer() ?? 0) }),
            Operation(
                "bench_wait", untrusted: .granted,
                .waits { [unowned self] _, waiter in
                    host.soon { waiter.returns { _ in } }
                    return nil
                }),
        ]
    }
}
