"""Tables of orders for the sections that read CSV: as many rows as asked for, never held in memory."""

import server

# What the static reply says, so that every row's link is the one that was asked for.
STATIC_AMOUNT = "12.50"


def write(path, rows, amount=None):
    """Five columns; amounts differ unless one is given."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("order_id,customer,amount,currency,description\n")
        for row in range(rows):
            own = amount or f"{row % 1000}.{row % 100:02d}"
            file.write(f"A-{row:07d},customer {row % 9973},{own},USD,{server.DESCRIPTION}\n")
    return path
