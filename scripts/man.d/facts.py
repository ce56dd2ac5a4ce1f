"""What the pages say that the dump of the help does not have."""
import re

from release import Trouble, output, text

COMMANDS = "docs/commands.md"
INSTALLING = "docs/installing.md"


def exit_statuses(program):
    """Pairs of a number and its meaning, from `paylink help exit-status`; and what stands below them."""
    said = output([program, "help", "exit-status"])
    table, _, below = said.strip("\n").partition("\n\n")
    rows = re.findall(r"^ {2}(\d+) +(.*(?:\n {4,}.*)*)", table, re.MULTILINE)
    if ("0", "75") != (rows[0][0] if rows else "", next((one for one, _ in rows if one == "75"), "")):
        raise Trouble(f"{program} help exit-status shows no table of statuses")
    return [(number, " ".join(meaning.split())) for number, meaning in rows], " ".join(below.split())


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


def variables():
    """Variables in the order of the table: names, the option that comes before them, and their meaning."""
    return [(names.replace("`", "").split(", "), option, meaning)
            for option, names, meaning in table(COMMANDS, "Reaching the service") if names]


def files():
    return [(path.replace("`", ""), meaning) for path, meaning in table(INSTALLING, "What it keeps")]
