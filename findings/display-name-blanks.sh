#!/usr/bin/env bash
# What Python's mail parser makes of a display name in two encoded words. Needs python3.
#
# By RFC 2047, section 6.2, white space between two adjacent encoded words is not shown. Python's newer interface
# (email.policy.default) shows it as a blank in display names, though not in subjects; its older one does not.
# Seen with Python 3.11.7:
#
#   the blank is                       older interface   newer interface
#   at the end of the first word       Jürgen Groß       Jürgen  Groß
#   between the words only             JürgenGroß        Jürgen Groß
#   nowhere, broken within a name      Jürgen            Jür gen
#   beside a word that is not encoded  Jürgen und Groß   Jürgen und Groß
#
# So a name is right in both only if no encoded word follows another. Ends with 1 if it sees another table.
set -euo pipefail

seen=$(python3 - <<'PYTHON'
import base64, email, email.header, email.policy


def word(text):
    return "=?UTF-8?B?" + base64.b64encode(text.encode()).decode() + "?="


for name in [
    word("Jürgen ") + "\r\n " + word("Groß"),
    word("Jürgen") + "\r\n " + word("Groß"),
    word("Jür") + "\r\n " + word("gen"),
    word("Jürgen") + " und\r\n " + word("Groß"),
]:
    raw = f"From: {name} <a@b.example>\r\n\r\n".encode()
    older = str(email.header.make_header(email.header.decode_header(email.message_from_bytes(raw)["from"])))
    newer = email.message_from_bytes(raw, policy=email.policy.default)["from"].addresses[0].display_name
    print(older.removesuffix(" <a@b.example>"), newer, sep="|")
PYTHON
)
cat <<<"$seen"
diff - <(cat <<<"$seen") >&2 <<'TABLE'
Jürgen Groß|Jürgen  Groß
JürgenGroß|Jürgen Groß
Jürgen|Jür gen
Jürgen und Groß|Jürgen und Groß
TABLE
