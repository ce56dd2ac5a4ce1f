"""The target graph of Package.swift against what the sources import, and against the layers of rules.py."""
import re

import rules

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([\w/.-]+)[">]', re.MULTILINE)


def _imported(tree, folder, headers, inner):
    """Modules that the files of a target import, each with the first place; C headers count for their target."""
    modules = {}
    for path in tree.under(folder):
        if any(path.startswith(one) for one in inner):
            continue
        text = tree.text(path)
        if path.endswith(".swift"):
            for match in IMPORT.finditer(text):
                modules.setdefault(match.group(1), f"{path}:{text.count(chr(10), 0, match.start(1)) + 1}")
        elif path.endswith((".c", ".h")):
            for match in INCLUDE.finditer(text):
                name = headers.get(match.group(1).split("/")[-1])
                if name:
                    modules.setdefault(name, f"{path}:{text.count(chr(10), 0, match.start(1)) + 1}")
    return modules


def _every_import(tree):
    targets = tree.targets()
    headers = {}
    for name, (folder, _, _, _) in targets.items():
        for path in tree.under(folder + "include/", ends=".h"):
            headers[path.split("/")[-1]] = name
    for name, (folder, own, products, kind) in sorted(targets.items()):
        inner = [other for other, _, _, _ in targets.values() if other != folder and other.startswith(folder)]
        imported = _imported(tree, folder, headers, inner)
        imported.pop(name, None)
        yield name, targets, own, products, imported


def imports(tree):
    """What is imported is a dependency, and each dependency is imported."""
    found = []
    for name, targets, own, products, imported in _every_import(tree):
        for module, place in sorted(imported.items()):
            if module in targets and module not in own:
                found.append(f"{place}: [imports] {name} imports {module}, which Package.swift does not give it")
        for dependency in own + products:
            if dependency not in imported and not tree.is_excepted("imports", f"{name}: {dependency}"):
                found.append(f"Package.swift:1: [imports] {name} depends on {dependency} and imports it nowhere")
    return found


def layers(tree):
    """Dependencies go downwards in rules.LAYERS; what rules.APART names never meets, at any distance."""
    found = []
    height = {name: level for level, names in enumerate(rules.LAYERS) for name in names}
    targets = tree.targets()
    for name, (_, own, _, kind) in sorted(targets.items()):
        if kind == "test" or name in rules.TEST_PROGRAMS:
            continue
        if name not in height:
            found.append(f"scripts/tidy.d/rules.py:1: [layers] {name} stands in no layer of LAYERS")
            continue
        for other in own:
            if height.get(other, -1) >= height[name]:
                found.append(f"Package.swift:1: [layers] {name} depends on {other}, which is not below it")
        for other in sorted(rules.APART.get(name, set()) & _reached(targets, name)):
            found.append(f"Package.swift:1: [layers] {name} reaches {other}: {rules.APART_REASONS[name]}")
    return found


def _reached(targets, name):
    reached, open_ends = set(), [name]
    while open_ends:
        for other in targets[open_ends.pop()][1]:
            if other in targets and other not in reached:
                reached.add(other)
                open_ends.append(other)
    return reached


def outside(tree):
    """Modules of other packages, only where rules.OUTSIDE lets them be."""
    found = []
    for name, targets, _, _, imported in _every_import(tree):
        if targets[name][3] == "test":
            continue
        for module, place in sorted(imported.items()):
            if module in rules.OUTSIDE and name not in rules.OUTSIDE[module]:
                found.append(f"{place}: [outside] {module} is for {', '.join(sorted(rules.OUTSIDE[module]))} alone")
    return found
