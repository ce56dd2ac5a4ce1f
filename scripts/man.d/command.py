"""A command as the executable tells of it: `--experimental-dump-help` and its own --help."""
import json
import re

from release import Trouble, output


class Command:
    def __init__(self, found, above, program):
        self.words = above + [found["commandName"]]
        self.abstract = found.get("abstract", "")
        self.discussion = found.get("discussion", "")
        self.arguments = [one for one in found.get("arguments", []) if one["shouldDisplay"]]
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
        """Options by their groups, in the order of the help; those without a group come first."""
        groups = {"": []}
        for one in self.arguments:
            if one["kind"] != "positional":
                groups.setdefault(one.get("sectionTitle", ""), []).append(one)
        return [(title, members) for title, members in groups.items() if members]

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
