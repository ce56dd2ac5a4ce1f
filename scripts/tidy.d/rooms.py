"""Lengths of files, READMEs of targets, scripts that nothing names, paths that lead nowhere."""
import os
import re

import rules

LONGEST = 300
README_LINES = (3, 25)


def lengths(tree):
    found = []
    for path in tree.under("Sources/", "Tests/", "scripts/"):
        if path.endswith(rules.DATA):
            continue
        count = tree.text(path).count("\n")
        if count > LONGEST and not tree.is_excepted("lengths", path):
            found.append(f"{path}:{count}: [lengths] {count} lines; split it before it has more than {LONGEST}")
    return found


def readmes(tree):
    found = []
    for name, (folder, _, _, kind) in sorted(tree.targets().items()):
        if kind in ("test", "system"):
            continue
        path = folder + "README.md"
        if path not in tree.files:
            found.append(f"{path}:1: [readmes] {name} has no README.md: its job, its neighbours, where to begin")
        elif not README_LINES[0] <= tree.text(path).count("\n") <= README_LINES[1]:
            found.append(f"{path}:1: [readmes] about ten lines, not {tree.text(path).count(chr(10))}")
    return found


def dead_scripts(tree):
    found = []
    texts = [".ci/run", "Makefile", "Package.swift"] + [one for one in tree.files if one.endswith(".md")]
    for path in tree.under("scripts/"):
        name = os.path.basename(path)
        if name == "README.md":
            continue
        # What stands in a folder of its script may be called by its name alone, also without its ending.
        is_own = path.count("/") == 1
        stem = os.path.splitext(name)[0]
        whole_folder = os.path.join(os.path.basename(os.path.dirname(path)), "*" + os.path.splitext(name)[1])
        pattern = re.compile(
            r"(?<![\w-])(?:" + re.escape(path if is_own else stem) + "|" + re.escape(whole_folder) + r")(?![\w-])")
        others = tree.under("scripts/") + tree.under("Tests/") + texts
        if not any(one != path and pattern.search(tree.text(one)) for one in others if one in tree.files):
            if not tree.is_excepted("dead", path):
                found.append(f"{path}:1: [dead] neither README, Makefile, docs nor another script names it")
    return found


def paths(tree):
    """Paths in backticks: whole ones in every page, ends of paths where the page describes the sources."""
    found = []
    for page in [one for one in tree.files if one.endswith(".md")]:
        describes = page in rules.DESCRIBING or page.startswith("Sources/")
        for number, line in enumerate(tree.lines(page)):
            for quoted in re.findall(r"`([^`\s]+)`", line):
                quoted = quoted.rstrip("/")
                is_whole = re.match(r"(?:Sources|Tests|scripts|docs|\.ci)/[\w+./-]+$", quoted)
                is_end = describes and re.match(r"[\w+/-]+\.(?:swift|c|h|lua)$", quoted)
                if not (is_whole or is_end) or tree.is_excepted("paths", f"{page}: {quoted}"):
                    continue
                if is_whole and (quoted in tree.files or tree.under(quoted + "/")):
                    continue
                if is_end and any(("/" + one).endswith("/" + quoted) for one in tree.files):
                    continue
                found.append(f"{page}:{number + 1}: [paths] {quoted} does not exist")
    return found
