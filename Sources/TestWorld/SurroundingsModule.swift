// The operations behind surroundings.lua: a world's time, and a process's streams.

import LuaRuntime
import Scripting

final class SurroundingsModule: ScriptModule {
    private unowned let process: TestProcess
    private let streams: WorldStreams

    init(_ process: TestProcess, _ streams: WorldStreams) {
        self.process = process
        self.streams = streams
    }

    var operations: [Operation] {
        [
            Operation(
                "world_time", untrusted: .granted,
                .answers { [unowned self] _, reply in reply.number(process.unixTime) }),
            Operation(
                "world_stream", untrusted: .granted,
                .answers { [unowned self] arguments, reply in
                    reply.descriptor(arguments.string() == "input" ? streams.reading() : streams.writing())
                }),
            Operation(
                "world_error", untrusted: .granted,
                .notes { [unowned self] in process.noteError($0.value()?.stringValue ?? "") }),
        ]
    }
}
