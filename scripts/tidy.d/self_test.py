"""Plants each kind of fault in a small tree without any: a check that does not find its own is broken."""
import copy
import os
import tempfile

import rules
from tree import Tree

PACKAGE = {"targets": [
    {"name": "CPosix", "type": "regular", "dependencies": []},
    {"name": "Files", "type": "regular", "dependencies": [{"byName": ["CPosix", None]}]},
    {"name": "Sandbox", "type": "regular", "dependencies": [{"product": ["NIOCore", "swift-nio", None, None]}]},
    {"name": "FilesTests", "type": "test", "dependencies": [{"byName": ["Files", None]}]},
]}

README = "# A target\n\nIts job.\n\nIts neighbours.\n"
FILES = {
    "README.md": "`Sources/Files/File.swift`, and `scripts/one`, of course.\n",
    "CONTRIBUTING.md": "See `File.swift`.\n",
    "Makefile": "one:\n\t./scripts/one\n",
    "Sources/CPosix/README.md": README,
    "Sources/CPosix/include/CPosix.h": "int call(void);  /* of course */\n",
    "Sources/Files/README.md": README,
    "Sources/Files/File.swift": (
        "import CPosix\n\n/* No ground!\n   */ struct File {\n"
        "    // Safe because: never empty.\n    let first = \"a! \\(names[\"x\"] ?? \"y!\") try!\".first!\n"
        "    let isNot = 1 != 2 && !(3 == 4)\n}\n").replace("No ground", "No fault"),
    "Sources/OneShotPay/Call.swift": "// As paylink get --json has it.\nlet dashes = \"a -- b, a--b\"\n",
    "Sources/Sandbox/README.md": README,
    "Sources/Sandbox/Server.swift": "import NIOCore\n\nlet channel: any Channel\n",
    "Tests/FilesTests/FileTests.swift": "@testable import Files\n",
    "scripts/one": "source scripts/lib/part.sh\n",
    "scripts/lib/part.sh": "echo\n",
}

# Name, the check that must find it, files that are put there, dependencies that are added to targets.
PLANTS = [
    ("a long file", "lengths", {"Sources/Files/Long.swift": "//\n" * 301}, {}),
    ("a long script", "lengths", {"scripts/one": "source scripts/lib/part.sh\n" * 301}, {}),
    ("a word in a name", "words", {"Sources/Files/Other.swift": "let firstGround = 1\n"}, {}),
    ("a word in a comment", "words", {"Sources/Files/Other.swift": "// The course of a file.\n"}, {}),
    ("a word in a file's name", "words", {"Tests/FilesTests/Ground.swift": "// Nothing.\n"}, {}),
    ("a channel without NIO", "words", {"Sources/Files/Other.swift": "var channel = 1\n"}, {}),
    ("a phrase", "words", {"docs/one.md": "The sandbox is the judge.\n"}, {}),
    ("a word as code in a page", "words", {"docs/one.md": "See `Ground`.\n"}, {}),
    ("a type's empty name", "types", {"Sources/Files/Other.swift": "struct FileManager2Helper {}\n"}, {}),
    ("a folder's empty name", "folders", {"Sources/Files/Utils/Other.swift": "// Nothing.\n"}, {}),
    ("an option in a library's message", "options",
     {"Sources/OneShotPay/Other.swift": "// --not-this\nlet b = \"at \\(c); --ledger names it\"\n"}, {}),
    ("a command in a library's message", "options",
     {"Sources/OneShotPay/Other.swift": "let b = \"see paylink ledger\"\n"}, {}),
    ("a header that is no dependency", "imports", {"Sources/Sandbox/x.c": "#include \"CPosix.h\"\n"}, {}),
    ("an import that is no dependency", "imports", {"Sources/Sandbox/Other.swift": "private import Files\n"}, {}),
    ("a dependency that nothing imports", "imports", {}, {"Files": {"product": ["NIOPosix", "swift-nio", None, None]}}),
    ("an arrow upwards", "layers", {"Sources/CPosix/Up.swift": "import Files\n"}, {"CPosix": {"byName": ["Files", None]}}),
    ("what must stay apart", "layers",
     {"Sources/Sandbox/Other.swift": "import OneShotPay\n"}, {"Sandbox": {"byName": ["OneShotPay", None]}}),
    ("another package's module", "outside",
     {"Sources/Files/Other.swift": "import TOMLKit\n"}, {"Files": {"product": ["TOMLKit", "TOMLKit", None, None]}}),
    ("a README without content", "readmes", {"Sources/Files/README.md": "\n"}, {}),
    ("a missing README", "readmes", {"Sources/Files/README.md": None}, {}),
    ("a dead script", "dead", {"scripts/two": "echo\n"}, {}),
    ("a dead part of a script", "dead", {"scripts/lib/other.sh": "echo\n"}, {}),
    ("a path that leads nowhere", "paths", {"docs/one.md": "See `Sources/Files/Gone.swift`.\n"}, {}),
    ("an end of a path that leads nowhere", "paths", {"CONTRIBUTING.md": "See `Files/Gone.swift`.\n"}, {}),
    ("an exception that nothing needs", "exceptions", {}, {}),
] + [
    (f"no reason for {code}", "reasons", {"Sources/Files/Other.swift": f"let a = 1\n\n{code}\n"}, {})
    for code in ("let b = c!", "let b = c[0]!.d", "let b = c()! == d", "try! read()", "let b = c as! D", "fatalError()",
                 "final class E: @unchecked Sendable {}", "nonisolated(unsafe) var f = 1", "var g: H!",
                 "let b = \"x \\(c!) y\"")
]


def _find(problems, files, added, exceptions):
    package = copy.deepcopy(PACKAGE)
    for target in package["targets"]:
        if target["name"] in added:
            target["dependencies"].append(added[target["name"]])
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**FILES, **files}.items():
            if text is None:
                continue
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w") as file:
                file.write(text)
        return problems(Tree(root, package, exceptions))


def run(problems):
    rules.LAYERS = [{"CPosix"}, {"Files", "OneShotPay", "Sandbox"}]
    rules.APART = {"Sandbox": {"OneShotPay"}}
    PACKAGE["targets"].append({"name": "OneShotPay", "type": "regular", "dependencies": []})
    FILES["Sources/OneShotPay/README.md"] = README
    failed = [f"a tree without faults: {line}" for line in _find(problems, {}, {}, {})]
    for name, check, files, added in PLANTS:
        exceptions = {("words", "Sources/Files/File.swift: x"): "none"} if check == "exceptions" else {}
        found = _find(problems, files, added, exceptions)
        if not any(f"[{check}]" in line for line in found):
            failed.append(f"{name}: not found by {check}; found: {found}")
    # An exception lets what it names pass, and is then needed.
    found = _find(problems, {"Sources/Files/Long.swift": "//\n" * 301}, {}, {("lengths", "Sources/Files/Long.swift"): "x"})
    failed += [f"an exception that is needed: {line}" for line in found]
    for line in failed:
        print(line)
    print(f"tidy: {len(PLANTS)} faults planted, {len(failed)} of the checks broken")
    return 1 if failed else 0
