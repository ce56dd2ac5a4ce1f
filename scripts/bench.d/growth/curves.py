"""Draws how costs grow with a ledger: a picture of what the section `growth` has measured, on standard input as JSON.

Runs in an environment of its own, with matplotlib.
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "growth"  # the same picture from the same figures
import matplotlib.pyplot as plt  # noqa: E402

# Told apart without colours, too.
STYLES = ["o-", "s-", "^-", "D-", "v-", "P-", "X-", "*--"]
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#777777"]


def main():
    given = json.load(sys.stdin)
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for style, colour, (name, costs) in zip(STYLES, COLOURS, given["curves"].items(), strict=True):
        sizes, values = zip(*sorted((int(size), cost) for size, cost in costs.items()))
        axes.loglog(sizes, values, style, color=colour, label=name, markersize=5)
    axes.set_xlabel("links in the ledger")
    axes.set_ylabel("client's CPU for one call, µs")
    axes.grid(True, which="major", color="#dddddd")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.set_title(given["title"], fontsize=10)
    figure.savefig(sys.argv[1], metadata={"Date": None})


if __name__ == "__main__":
    main()
