"""Swift source without its comments and strings, same lines, same columns, blanks in their place; and the strings."""


class _Out(list):
    """The source's characters, and where the literal parts of strings were."""

    def __init__(self, text):
        super().__init__(text)
        self.literals = []


def code_only(text):
    """What is code stays; comments and the literal parts of strings become blanks. Interpolations are code."""
    out = _Out(text)
    _code(text, 0, out, None)
    return "".join(out)


def literals(text):
    """The literal parts of strings: the line that each begins in, from 0, and the text."""
    out = _Out(text)
    _code(text, 0, out, None)
    return [(text.count("\n", 0, begin), text[begin:end]) for begin, end in out.literals]


def _blank(out, begin, end):
    for place in range(begin, end):
        if out[place] != "\n":
            out[place] = " "


def _code(text, place, out, until):
    """Reads code from `place` on; stops behind the closing parenthesis when `until` is ')'."""
    depth = 0
    while place < len(text):
        two = text[place:place + 2]
        if two == "//":
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            _blank(out, place, end)
            place = end
        elif two == "/*":
            place = _comment(text, place, out)
        elif text[place] == '"' or (text[place] == "#" and text[place:].lstrip("#")[:1] == '"'):
            place = _string(text, place, out)
        else:
            if until and text[place] == "(":
                depth += 1
            elif until and text[place] == ")":
                if depth == 0:
                    return place + 1
                depth -= 1
            place += 1
    return place


def _comment(text, begin, out):
    place, depth = begin + 2, 1
    while place < len(text) and depth:
        two = text[place:place + 2]
        if two == "/*":
            depth, place = depth + 1, place + 2
        elif two == "*/":
            depth, place = depth - 1, place + 2
        else:
            place += 1
    _blank(out, begin, place)
    return place


def _string(text, begin, out):
    place = begin
    while text[place] == "#":
        place += 1
    hashes = "#" * (place - begin)
    quote = '"""' if text.startswith('"""', place) else '"'
    closing, escape = quote + hashes, "\\" + hashes
    place += len(quote)
    literal = begin
    while place < len(text):
        if text.startswith(closing, place):
            place += len(closing)
            break
        if text.startswith(escape + "(", place):
            place += len(escape) + 1
            _blank(out, literal, place)
            out.literals.append((literal, place))
            place = _code(text, place, out, ")")
            literal = place - 1
        elif text.startswith(escape, place):
            place += len(escape) + 1
        elif text[place] == "\n" and quote == '"':
            break
        else:
            place += 1
    _blank(out, literal, place)
    out.literals.append((literal, place))
    # A literal is a value: code that follows it must not look as if it followed nothing.
    if place <= len(text) and place - begin >= 2 and out[place - 1] == " ":
        out[place - 1] = "_"
    return place
