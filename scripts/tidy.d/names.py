"""Words that only an author understands, and names that say nothing."""
import re

import rules
from swift_text import code_only, literals

CODE = (".swift", ".c", ".h", ".lua", ".py", ".sh")
TYPE = re.compile(r"\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Z]\w*)")
PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(tree):
    """Banned words in names, comments and messages; in docs the phrases and what stands as code."""
    found = []
    for path in tree.under("Sources/", "Tests/", "scripts/"):
        if path.startswith("scripts/tidy"):
            continue
        is_network = any(one in tree.text(path) for one in rules.CHANNELS_OF_OTHERS)
        for part in re.split(r"[/.]", path):
            _judge(tree, path, 0, _own_words(part), is_network, found)
        for number, line in enumerate(tree.lines(path)):
            _judge(tree, path, number, _own_words(line), is_network, found)
            _phrases(tree, path, number, line, found)
    for path in _prose(tree):
        for number, line in enumerate(tree.lines(path)):
            code = " ".join(re.findall(r"`[^`]*`", line))
            _judge(tree, path, number, _own_words(code), False, found)
            _phrases(tree, path, number, line, found)
    return found


def _prose(tree):
    return [one for one in tree.files if one.endswith(".md") and (one.startswith("docs/") or "/" not in one)]


def _own_words(line):
    """The line's words, names taken apart, without the idioms of plain English."""
    for idiom in rules.IDIOMS:
        line = re.sub(idiom, " ", line, flags=re.IGNORECASE)
    return {one.lower() for one in PARTS.findall(line)}


def _judge(tree, path, number, present, is_network, found):
    for word in sorted(present & set(rules.WORDS)):
        if word.startswith("channel") and is_network:
            continue
        if not tree.is_excepted("words", f"{path}: {word}"):
            found.append(f"{path}:{number + 1}: [words] \"{word}\": {rules.WORDS[word]}")


def _phrases(tree, path, number, line, found):
    for phrase, instead in rules.PHRASES.items():
        if re.search(phrase, line, flags=re.IGNORECASE) and not tree.is_excepted("words", f"{path}: {phrase}"):
            found.append(f"{path}:{number + 1}: [words] \"{phrase}\": {instead}")


def types(tree):
    found = []
    for path in tree.under("Sources/", "Tests/", ends=".swift"):
        for number, line in enumerate(code_only(tree.text(path)).split("\n")):
            for name in TYPE.findall(line):
                empty = sorted(set(PARTS.findall(name)) & rules.EMPTY_NAMES)
                if empty and not tree.is_excepted("types", name):
                    found.append(f"{path}:{number + 1}: [types] {name}: \"{empty[0]}\" does not say what it does")
    return found


def folders(tree):
    found = set()
    for path in tree.under("Sources/", "Tests/", "scripts/"):
        parts = path.split("/")
        for depth, part in enumerate(parts[:-1], 1):
            empty = sorted(set(PARTS.findall(part)) & rules.EMPTY_NAMES)
            folder = "/".join(parts[:depth])
            if empty and not tree.is_excepted("folders", folder):
                found.add(f"{folder}:1: [folders] \"{empty[0]}\" does not say what belongs there")
    return sorted(found)


def options(tree):
    """Options and commands of the executable in the messages of libraries."""
    found = []
    for target in sorted(rules.WITHOUT_OPTIONS):
        for path in tree.under(f"Sources/{target}/", ends=".swift"):
            for number, text in literals(tree.text(path)):
                for name in re.findall("|".join(rules.OPTIONS), text):
                    if not tree.is_excepted("options", f"{path}: {name}"):
                        found.append(f"{path}:{number + 1}: [options] \"{name}\": a library has none; see Sources/Advice")
    return found
