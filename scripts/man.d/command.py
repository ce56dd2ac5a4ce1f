"""A command as the executable tells of it: `--experimental-dump-help` and its own --help."""
import json
import re

from release import Trouble, output

OTHERS, SHARED = "Others", "Service, ledger and settings"
TOPIC = "paylink help options"  # where the help sends readers for what a page has itself, as SHARED


class Command:
    def __init__(self, found, above, program):
        self.words = above + [found["commandName"]]
        self.abstract = found.get("abstract", "")
        self.discussion = found.get("discussion", "")
        # What the help leaves to TOPIC is hidden there and has a text; what has none is internal.
        self.arguments = [one for one in found.get("arguments", []) if one["shouldDisplay"] or one.get("abstract")]
        self.default = found.get("defaultSubcommand")
        self.usage = usage(program, self.words[1:])
        self.subcommands = [Command(one, self.words, program) for one in found.get("subcommands", [])
                            if one["commandName"] != "help" and one.get("shouldDisplay", True)]

    @property
    def page(self):
        return "-".join(self.words)

    def all(self):
        """This command and those below it."""
        return [self] + [one for sub in self.subcommands for one in sub.all()]

    def positionals(self):
        return [one for one in self.arguments if one["kind"] == "positional"]

    def options(self):
        """Groups of options as pairs of a title and its options: those of the help, what it has in none, and last what
        commands share."""
        groups = {}
        for one in self.arguments:
            if one["kind"] != "positional":
                title = one.get("sectionTitle", OTHERS) if one["shouldDisplay"] else SHARED
                groups.setdefault(title, []).append(one)
        return sorted(groups.items(), key=lambda group: (group[0] == SHARED, group[0] == OTHERS))

    def has(self, option):
        return any(name["name"] == option for one in self.arguments for name in one.get("names", []))


def read(program):
    dump = json.loads(output([program, "--experimental-dump-help"]))
    if dump["serializationVersion"] != 0:
        raise Trouble(f"{program} dumps its help in form {dump['serializationVersion']}, and only form 0 is known")
    return Command(dump["command"], [], program)


def usage(program, words):
    """The usage lines of --help, which the dump does not have."""
    said = output([program, *words, "--help"], env={"COLUMNS": "400"})
    found = re.search(r"^USAGE: (.*?)\n\n", said, re.MULTILINE | re.DOTALL)
    if not found:
        raise Trouble(f"{program} {' '.join(words)} --help shows no usage")
    return [" ".join(line.split()) for line in found.group(1).splitlines()]
