// What is wrong with a script: one mistake each, with its place.

/// One mistake in a script.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable {
        /// What stands there fails whenever it is executed, or Lua does not load the script at all.
        case error
        /// It does no harm by itself, or fails only in some circumstances.
        case warning
    }

    package var severity: Severity
    package var code: DiagnosticCode
    /// Counted from 1.
    package var line: Int
    /// Counted from 1, in characters; a byte that is no part of one counts as one.
    package var column: Int
    /// One line, a sentence without a full stop: what is wrong, and what may have been meant.
    package var message: String

    package init(severity: Severity, code: DiagnosticCode, line: Int, column: Int, message: String) {
        self.severity = severity
        self.code = code
        self.line = line
        self.column = column
        self.message = message
    }
}

/// The kinds of mistakes; the raw values are stable.
package enum DiagnosticCode: String, Sendable, CaseIterable {
    // What Lua itself refuses to load.
    case syntaxError = "syntax_error"
    case nestedTooDeeply = "nested_too_deeply"
    case tooManyVariables = "too_many_variables"
    case assignmentToConstant = "assignment_to_constant"
    case unknownAttribute = "unknown_attribute"
    case breakOutsideLoop = "break_outside_loop"
    case varargOutsideFunction = "vararg_outside_function"
    case duplicateLabel = "duplicate_label"
    case missingLabel = "missing_label"
    case jumpIntoScope = "jump_into_scope"

    // Names.
    case undeclaredName = "undeclared_name"
    case undeclaredAssignment = "undeclared_assignment"
    case unavailableName = "unavailable_name"
    case unknownMember = "unknown_member"
    case unknownField = "unknown_field"
    case missingModule = "missing_module"

    // Calls of the API.
    case unknownOption = "unknown_option"
    case missingOption = "missing_option"
    case conflictingOptions = "conflicting_options"
    case missingArgument = "missing_argument"
    case extraArgument = "extra_argument"
    case wrongType = "wrong_type"
    case wrongValue = "wrong_value"
    case malformedDuration = "malformed_duration"
    case malformedAmount = "malformed_amount"
    case dotOrColon = "dot_or_colon"

    // Values that cannot be used so.
    case badCall = "bad_call"
    case badIndex = "bad_index"
    case badOperand = "bad_operand"
    case badLoop = "bad_loop"

    // Leftovers.
    case unusedVariable = "unused_variable"
    case unusedLabel = "unused_label"
    case unreachableCode = "unreachable_code"
    case repeatedKey = "repeated_key"
}
