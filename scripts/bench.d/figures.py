"""The ratios of a run that are kept in a file, and what has become of them since."""

import json

WORSE = 0.10  # more than this is named


def keep(path, processor, tables):
    """Adds a run's ratios to those of the file; those of the same name are replaced."""
    ratios = read(path) if path.exists() else {}
    ratios |= ratios_of(tables)
    document = {"processor": processor, "ratios": dict(sorted(ratios.items()))}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def compare(path, tables):
    """Prints each ratio beside the one that was kept. Gives how many have grown too much."""
    kept, worse = read(path), 0
    print(f"\nRatios against {path}; less is better")
    for name, now in ratios_of(tables).items():
        before = kept.get(name)
        if not before:
            print(f"  {name:64} {now:8.3f}      new")
            continue
        change = now / before - 1
        worse += change > WORSE
        word = "WORSE" if change > WORSE else "better: --keep keeps it" if change < -WORSE else ""
        print(f"  {name:64} {now:8.3f}  {change:+7.1%}  {word}".rstrip())
    for name in sorted(kept.keys() - ratios_of(tables).keys()):
        print(f"  {name:64}        -      not measured")
    return worse


def ratios_of(tables):
    return {name: round(value, 4) for table in tables for name, value in table.ratios.items() if value is not None}


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))["ratios"]
