// The reference of what files of tests have besides the API, from the definitions that check their arguments.

import Scripting

package enum TestReference {
    /// In Markdown.
    package static func markdown() throws -> String {
        try written { try APIReference.markdown(of: $0, sections: PackageResources.sections_lua) }
    }

    /// Annotations, as ``Scripting/APIReference/types(codes:on:)`` gives them.
    package static func types() throws -> String {
        try written { try APIReference.types(of: $0, types: PackageResources.types_of_tests_lua) }
    }

    /// The API and the words of tests, as ``ScriptCheck/APIDescription`` reads it.
    package static func description() throws -> String {
        try written { try APIReference.description(of: $0, types: PackageResources.types_of_tests_lua) }
    }

    private static func written(_ write: (ScriptHost) throws -> String) throws -> String {
        let source = ScriptSource(text: [], name: "reference")
        let settings = TestWorld.Settings { _ throws(WorldFailure) in source }
        let world = TestWorld(settings, folder: ".", number: 0)
        defer { world.close() }
        let process = try TestProcess(TestProcess.Order(source: source), world, spec: SpecTest(number: nil))
        try process.start()
        guard let host = process.host else { return "" }
        return try write(host)
    }
}
