"""What the pages say that no command prints: from the tables of docs/, which are the one source."""
import re

from release import Trouble, text

COMMANDS = "docs/commands.md"
INSTALLING = "docs/installing.md"
STATUSES = "Sources/paylink/Output/ExitStatus.swift"
CONSTANTS = "Sources/Scripting/Host/ScriptOptions.swift"


def table(page, heading):
    """The rows of the first table below a heading, as lists of cells."""
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text(page), re.MULTILINE | re.DOTALL)
    rows = re.search(r"^\|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", section.group(1), re.MULTILINE) if section else None
    if not rows:
        raise Trouble(f"{page} has no table under '{heading}'")
    return [[plain(cell) for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows.group(1).splitlines()]


def plain(cell):
    """A cell without its links and escapes; backticks stay."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", cell).replace("\\|", "|").strip()


def exit_statuses():
    """Pairs of numbers and their meaning. The executable's own list must have the same numbers."""
    rows = [(numbers, meaning) for numbers, meaning in table(COMMANDS, "Exit status")]
    told = {int(one) for numbers, _ in rows for one in re.findall(r"\d+", numbers)}
    known = set()
    for value in re.findall(r"static let \w+ = ExitStatus\(rawValue: ([\w.]+)\)", text(STATUSES)):
        if not value.isdigit():
            value = constant(value.split(".")[-1])
        known.add(int(value))
    if told != known:
        raise Trouble(f"{COMMANDS} and {STATUSES} do not have the same exit statuses: {sorted(told ^ known)}")
    return rows


def constant(name):
    """A number that the list has from elsewhere."""
    found = re.search(rf"static let {name}: \w+ = (\d+)", text(CONSTANTS))
    if not found:
        raise Trouble(f"{CONSTANTS} has no number {name}, which {STATUSES} takes from there")
    return found.group(1)


def variables():
    """Variables in the order of the table: names, the option that comes before them, and their meaning."""
    return [(names.replace("`", "").split(", "), option, meaning)
            for option, names, meaning in table(COMMANDS, "Reaching the service") if names]


def files():
    return [(path.replace("`", ""), meaning) for path, meaning in table(INSTALLING, "What it keeps")]
