"""What is installed, below /usr or any other folder: programs, manual pages, completions, guides, licences."""
import glob
import os
import re
import sys
import tempfile

import elf
import licences
from release import ROOT, Trouble, output, text

DOC = "share/doc/paylink"
COMPLETIONS = {
    "bash": "share/bash-completion/completions/paylink",
    "zsh": "share/zsh/vendor-completions/_paylink",
    "fish": "share/fish/vendor_completions.d/paylink.fish",
}


def fill(below, programs, checkouts, version):
    add_programs(below, programs)
    program = os.path.abspath(os.path.join(programs, "paylink"))
    add_manual(below, program)
    for shell, path in COMPLETIONS.items():
        below.write(path, completions(program, shell))
    add_guides(below)
    below.pack(f"{DOC}/changelog", text("CHANGELOG.md"))
    below.write(f"{DOC}/copyright", licences.copyright_file(checkouts))
    below.pack(f"{DOC}/NOTICE", licences.notices(checkouts))
    below.finish()


def add_programs(below, programs):
    """paylink finds paylink-script beside itself, by its true path: so both lie in a folder of their own, and a link in
    bin leads there."""
    for name in ("paylink", "paylink-script"):
        source = os.path.join(programs, name)
        if not os.access(source, os.X_OK):
            raise Trouble(f"{source} is not there, or no program")
        toolchain = [one for one in elf.libraries(source) if one.startswith(("libswift", "libFoundation", "libdispatch"))]
        if toolchain:
            raise Trouble(f"{source} needs {toolchain[0]}, which no package has: build with --static-swift-stdlib")
        below.copy(source, f"lib/paylink/{name}", 0o755)
        output(["strip", "--strip-all", "--remove-section=.comment", "--remove-section=.note",
                os.path.join(below.root, "lib/paylink", name)])
    below.link("bin/paylink", "../lib/paylink/paylink")


def add_manual(below, program):
    with tempfile.TemporaryDirectory() as folder:
        output([sys.executable, os.path.join(ROOT, "scripts/man"), "--program", program, folder])
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as file:
                below.pack(f"share/man/man1/{name}", file.read())


def completions(program, shell):
    said = output([program, "completions", shell])
    # It is read by a running shell, and so needs none named.
    return said.partition("\n")[2] if said.startswith("#!") else said


def add_guides(below):
    """The pages of docs/ and the examples. They stay uncompressed, as they lead to one another; links to what is not
    installed become plain text."""
    pages = glob.glob(os.path.join(ROOT, "docs", "*.md")) + glob.glob(os.path.join(ROOT, "docs", "decisions", "*.md"))
    for page in sorted(pages):
        path = os.path.relpath(page, os.path.join(ROOT, "docs"))
        outside = r"\.\./\.\./" if "/" in path else r"\.\./"
        below.write(f"{DOC}/{path}", re.sub(rf"\[([^]]*)\]\({outside}[^)]*\)", r"\1", text("docs/" + path)))
    for example in sorted(glob.glob(os.path.join(ROOT, "docs", "examples", "*"))):
        is_script = os.access(example, os.X_OK)
        below.copy(example, f"{DOC}/examples/{os.path.basename(example)}", 0o755 if is_script else 0o644)
