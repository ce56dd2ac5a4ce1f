"""One command's page."""
import re

import facts
from command import OTHERS, TOPIC
from roff import NO_HYPHENS, bold, code, escaped, italic, literal, prose, quoted


class Page:
    def __init__(self, command, tool, statuses, version, date):
        self.command, self.tool, self.statuses, self.version, self.date = command, tool, statuses, version, date
        self.description, self.examples, self.ending = [], [], []
        self.sort_paragraphs()

    def sort_paragraphs(self):
        """Of the help's discussion, what are examples and what is about the exit status have sections of their own."""
        for paragraph in re.split(r"\n\s*\n", self.command.discussion.strip()):
            lines = paragraph.split("\n")
            status = next((index for index, line in enumerate(lines) if line.startswith("Exit status:")), len(lines))
            if lines[status:] and self.command is not self.tool:
                self.ending.append([capitalized(lines[status].partition(": ")[2]), *lines[status + 1:]])
            lines = [line for line in lines[:status] if TOPIC not in line]
            if not any(lines):
                continue
            if re.match(r"Examples?\b", lines[0]):
                self.examples.append(lines[re.fullmatch(r"Examples?:", lines[0]) is not None:])
            else:
                self.description.append(lines)

    def text(self):
        name = self.command.page
        lines = [
            r'.\" Made by scripts/man.',
            f".TH {code(name.upper())} 1 {self.date:%Y-%m-%d} {quoted(escaped('paylink ' + self.version))} {quoted('paylink manual')}",
            NO_HYPHENS, ".ad l",
            ".SH NAME", f"{code(name)} \\- {prose(summary(self.command.abstract))}",
            ".SH SYNOPSIS", *self.synopsis(),
        ]
        lines += section("DESCRIPTION", paragraphs(self.description or [[self.command.abstract]]))
        lines += section("ARGUMENTS", [line for one in self.command.positionals() for line in argument(one)])
        lines += section("OPTIONS", self.options())
        lines += section("COMMANDS", [
            line for one in self.command.subcommands
            for line in item(reference(one), prose(sentence(one.abstract)) + self.is_default(one))])
        lines += self.exit_status() + self.environment() + self.files()
        lines += section("EXAMPLES", paragraphs(self.examples))
        lines += section("SEE ALSO", self.see_also())
        return "\n".join(lines) + "\n"

    def is_default(self, subcommand):
        return " Taken where none is named." if subcommand.words[-1] == self.command.default else ""

    def synopsis(self):
        lines = []
        for usage in self.command.usage:
            words = usage.split(" ")
            name = [word for word in words[:len(self.command.words)] if word in self.command.words]
            lines += [f".SY {quoted(code(' '.join(name)))}", typed(" ".join(words[len(name):])), ".YS"]
        return lines + [NO_HYPHENS]

    def options(self):
        lines = []
        for title, members in self.command.options():
            lines += [".SS " + quoted(escaped(title))] if lines or title != OTHERS else []
            lines += [line for one in members for line in argument(one)]
        return lines

    def exit_status(self):
        lines = paragraphs(self.ending)
        statuses, below = self.statuses
        for number, meaning in statuses:
            lines += item(bold(number), prose(meaning))
        return section("EXIT STATUS", lines + [".PP", prose(below)])

    def environment(self):
        """Variables that an option of this command stands before, and those of every command that reaches the service;
        all of them for the tool itself."""
        tool = self.command is self.tool
        named = {name for one in self.command.arguments for name in re.findall(r"\[env: (\w+)\]", one.get("abstract", ""))}
        lines = []
        for names, option, meaning in facts.variables():
            if tool or named & set(names) or (self.command.has("base-url") and not option):
                lines += item(", ".join(map(bold, names)), prose(sentence(meaning)))
        rule = "An option comes before its variable. An empty variable counts as one that is not set."
        return section("ENVIRONMENT", [rule, *lines] if lines else [])

    def files(self):
        if self.command is not self.tool and not self.command.has("ledger"):
            return []
        return section("FILES", [line for path, meaning in facts.files()
                                 for line in item(italic(path), prose(sentence(meaning)))])

    def see_also(self):
        """The pages above and beside, and those of commands that the text names."""
        told = " ".join([self.command.discussion] + [one.get("abstract", "") for one in self.command.arguments])
        pages = []
        for one in self.tool.all():
            above = one.words == self.command.words[:len(one.words)]
            beside = one.words[:-1] == self.command.words[:-1] and len(one.words) > 2
            is_named = re.search(rf"\b{' '.join(one.words)}\b(?! [a-z])", told) and one not in self.command.subcommands
            if (above or beside or is_named) and one is not self.command:
                pages.append(one)
        lines = [reference(one, "" if one is pages[-1] else ",") for one in pages] + ([".PP"] if pages else [])
        return lines + ["The guides are in", italic("/usr/share/doc/paylink") + ", or below the folder of the archive."]


def section(title, lines):
    return [f".SH {quoted(title)}" if " " in title else f".SH {title}", *lines] if lines else []


def reference(command, behind=""):
    return f".BR {code(command.page)} (1){behind}"


def item(term, text):
    return [".TP", term, text]


def summary(abstract):
    """As whatis shows it: no sentence."""
    text = abstract.rstrip(".")
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def capitalized(text):
    return text[:1].upper() + text[1:]


def sentence(text):
    return capitalized(text) + ("" if text.endswith(".") else ".")


def argument(one):
    """An option or argument with its value, text, default and values, as the help has them."""
    value = italic(one.get("valueName", ""))
    if one["kind"] == "positional":
        term = value + (" ..." if one["isRepeating"] else "")
    else:
        names = sorted(one["names"], key=lambda name: len(name["name"]))
        term = ", ".join(bold(("--" if name["kind"] == "long" else "-") + name["name"]) for name in names)
        term += " " + value if one["kind"] == "option" else ""
    text = one.get("abstract", "")
    if one.get("defaultValue") and one["kind"] != "flag":
        text += f" (default: {one['defaultValue']})"
    if one.get("allValues"):
        text += f" (values: {', '.join(one['allValues'])})"
    return item(term, prose(text)) + [line for extra in [one.get("discussion")] if extra for line in [".IP", prose(extra)]]


def typed(usage):
    """A usage line: names of options bold, what stands for something else in italics."""
    out = []
    for part in re.findall(r"<[^>]*>|--?[a-z][\w-]*|[^<-]+|-", usage):
        if part.startswith("<"):
            out.append(italic(part[1:-1]))
        else:
            out.append(bold(part) if part.startswith("-") else escaped(part))
    return "".join(out)


def paragraphs(all_lines):
    """Prose is filled; indented lines stay as they are, and a remark behind one becomes a comment before it."""
    out = []
    for lines in all_lines:
        out += [".PP"] if out else []
        kept = []
        for line in lines:
            if line.startswith("  "):
                command, *remark = re.split(r"\s{3,}", line.strip(), maxsplit=1)
                kept += ["# " + one.lstrip("# ") for one in remark] + [command]
                continue
            out += literal(kept) if kept else []
            kept = []
            out.append(prose(line))
        out += literal(kept) if kept else []
    return out
