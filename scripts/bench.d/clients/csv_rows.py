"""Adds up the column `amount` of a table; prints the rows and the sum. Usage: csv_rows.py FILE."""

import csv
import sys

count, total = 0, 0.0
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file):
        count, total = count + 1, total + float(row["amount"])
print(f"{count} {total:.2f}")
