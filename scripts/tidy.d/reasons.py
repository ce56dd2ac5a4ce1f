"""What can end the process or step outside the compiler's checks has a line `Safe because:` beside it."""
import re

from swift_text import code_only

SUSPECTS = [
    (re.compile(r"@unchecked\s+Sendable"), "@unchecked Sendable"),
    (re.compile(r"nonisolated\(unsafe\)"), "nonisolated(unsafe)"),
    (re.compile(r"\btry!"), "try!"),
    (re.compile(r"\bas!"), "as!"),
    (re.compile(r"\b(?:fatalError|preconditionFailure)\("), "fatalError"),
    # A value or a type followed by `!` that is neither `!=` nor the `!` of `try!` and `as!`.
    (re.compile(r"(?<=[\w)\]}?])(?<!\btry)(?<!\bas)!(?!=(?!=))"), "force-unwrap"),
]


def reasons(tree):
    found = []
    for path in tree.under("Sources/", ends=".swift"):
        lines = tree.lines(path)
        for number, code in enumerate(code_only(tree.text(path)).split("\n")):
            for pattern, name in SUSPECTS:
                if pattern.search(code) and not _has_reason(lines, number):
                    found.append(f"{path}:{number + 1}: [reasons] {name} without `Safe because:` beside it")
    return found


def _has_reason(lines, number):
    """On the line itself or the next, or in the comments above it; lines of the same statement may stand between."""
    if any("Safe because:" in line for line in lines[number:number + 2]):
        return True
    for above in range(number - 1, max(-1, number - 8), -1):
        text = lines[above].strip()
        if "Safe because:" in text:
            return True
        if not text or text == "}":
            return False
    return False
