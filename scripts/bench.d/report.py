"""Tables of results: their shape, how they are printed, how they are written as JSON."""

import json
import os
import platform
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Aim:
    """What a row was hoped to show, and whether it did."""

    text: str
    met: bool

    def __str__(self):
        return f"{self.text} {'ok' if self.met else 'MISSED'}"


@dataclass
class Row:
    """One line of a table; `samples` holds the raw numbers for JSON, `problem` stands in for missing cells."""

    label: str
    cells: list = field(default_factory=list)
    aims: list = field(default_factory=list)
    samples: list = field(default_factory=list)
    problem: str | None = None

    @classmethod
    def without_result(cls, contender):
        reason = f"FAILED: {contender.failed}" if contender.failed else f"skipped: {contender.skipped}"
        return cls(contender.name, problem=reason)


@dataclass
class Table:
    """A section's result. `failed` is about running at all, never about aims. `ratios`: what is kept and compared; less is
    better."""

    title: str
    headings: list
    rows: list
    notes: list = field(default_factory=list)
    ratios: dict = field(default_factory=dict)

    @property
    def failed(self):
        return any(row.problem and row.problem.startswith("FAILED") for row in self.rows)


def times(value):
    """A ratio to paylink's own figure."""
    return "-" if value is None else f"{value:.2f}x"


def ratio(numerator, denominator):
    return None if numerator is None or not denominator else numerator / denominator


def print_header(tools):
    load = os.getloadavg()[0]
    print(f"processor  {processor()}, {os.cpu_count()} cores, load {load:.2f}")
    print(f"versions   {', '.join(f'{name} {version}' for name, version in tools.versions.items())}")
    if load > 0.5:
        print("WARNING    other work is running: the figures below are noise, above all the wall times")


def print_table(table):
    lines = [["", *table.headings]] + [[row.label, *row.cells] for row in table.rows if not row.problem]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.headings) + 1)]
    widths[0] = max(widths[0], *(len(row.label) for row in table.rows))
    print(f"\n{table.title}")
    print_line(lines[0], widths, "")
    for row in table.rows:
        if row.problem:
            print(f"  {row.label.ljust(widths[0])}  {row.problem}")
        else:
            print_line([row.label, *row.cells], widths, "; ".join(map(str, row.aims)))
    for note in table.notes:
        print(f"  {note}")
    sys.stdout.flush()


def print_line(cells, widths, tail):
    aligned = [cells[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
    print(f"  {'  '.join(aligned)}   {tail}".rstrip())


def write_json(path, tools, tables):
    document = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "versions": tools.versions,
        "tables": [table_as_json(table) for table in tables],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def table_as_json(table):
    return {
        "title": table.title,
        "notes": table.notes,
        "rows": [
            {
                "label": row.label,
                "problem": row.problem,
                "cells": dict(zip(table.headings, row.cells)),
                "aims": [{"text": aim.text, "met": aim.met} for aim in row.aims],
                "samples": row.samples,
            }
            for row in table.rows
        ],
    }


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
