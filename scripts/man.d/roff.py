"""Texts as man(7) takes them: escapes, fonts, paragraphs."""
import re

# What roff would take for something else, or show as another character than the one to be typed.
ESCAPES = {"\\": r"\e", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
NO_HYPHENS = ".nh"  # groff's EE and YS bring hyphenation back
WIDTH = 70  # of literal lines: a terminal of 80 columns less the margins


def escaped(text):
    """Any text, in any place but the beginning of a line."""
    return "".join(ESCAPES.get(one, one) if ord(one) < 128 else f"\\[u{ord(one):04X}]" for one in text)


def line(text):
    """An escaped text as a line: with a dot at its beginning it would be a request."""
    return r"\&" + text if text.startswith(".") else text


def code(text):
    """What is typed: hyphens stay what they are on the keyboard."""
    return escaped(text).replace("-", r"\-")


def bold(text):
    return rf"\fB{code(text)}\fR"


def italic(text):
    return rf"\fI{code(text)}\fR"


def prose(text):
    """A sentence; options in it are bold, as is what stands in backticks."""
    parts = re.split(r"(`[^`]+`|(?<![\w-])--?[a-z][\w-]*)", text)
    return line("".join(bold(part.strip("`")) if index % 2 else escaped(part) for index, part in enumerate(parts)))


def quoted(text):
    """One argument of a macro."""
    return '"' + text.replace('"', r"\(dq") + '"'


def literal(lines):
    """Lines as they are, with those that no terminal of 80 columns holds broken where a shell takes it."""
    return [".EX", *[line(code(part)) for one in lines for part in fold(one)], ".EE", NO_HYPHENS]


def fold(text):
    """A command over several lines. Within single quotes a line break is as good as a blank, elsewhere a backslash stands
    before it; within double quotes nothing is broken."""
    out = []
    while len(text) > WIDTH:
        single, double, place = False, False, None
        for index, one in enumerate(text[:WIDTH - 1]):
            if one == "'" and not double:
                single = not single
            elif one == '"':
                double = not double
            elif one == " " and not double and index > 8:
                place = (index, single)
        if place is None:
            break
        index, is_quoted = place
        out.append(text[:index] + ("" if is_quoted else " \\"))
        if is_quoted:
            return out + [text[index + 1:]]
        text = "    " + text[index + 1:]
    return out + [text]
