// One kind of mistake each: a rule goes over a script once and tells what it finds.

typealias Rule = @Sendable (_ script: Script, _ findings: inout [Finding]) -> Void

enum Rules {
    static let all: [Rule] = [
        UndeclaredNames.check, UnavailableNames.check, UnknownMembers.check, UnknownFields.check, CallArguments.check,
        DotOrColon.check, BadOperands.check, BadCalls.check, BadLoops.check, UnusedVariables.check, UnusedLabels.check,
        UnreachableCode.check, RepeatedKeys.check,
    ]
}
