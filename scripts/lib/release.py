"""What a release is called and when it was: for scripts/man and scripts/package, the same on every machine."""
import datetime
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


class Trouble(Exception):
    """What went wrong, for whoever started the script."""


def output(command, **options):
    """What a program prints; Trouble if it fails."""
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8", **options).stdout
    except OSError as error:
        raise Trouble(f"{command[0]} cannot be started: {error.strerror}") from error
    except subprocess.CalledProcessError as error:
        raise Trouble(f"{' '.join(command)} ended with status {error.returncode}") from error


def text(path):
    """The text of a file of the tree."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def version(program):
    """As the executable says it."""
    said = output([program, "--version"]).strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", said):
        raise Trouble(f"{program} --version says '{said}', which is no version such as 1.2.3")
    return said


def moment(number):
    """Seconds since 1970 that every file is dated with, so that two builds of one source are the same bytes:
    SOURCE_DATE_EPOCH, or the day of this version in CHANGELOG.md, or the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        if not given.isdigit():
            raise Trouble(f"SOURCE_DATE_EPOCH is '{given}', and must be a number of seconds")
        return int(given)
    day = re.search(rf"^## \[?{re.escape(number)}\]? (?:-|\() ?(\d{{4}}-\d\d-\d\d)", text("CHANGELOG.md"), re.MULTILINE)
    if day:
        return int(datetime.datetime.fromisoformat(day.group(1) + "T00:00:00+00:00").timestamp())
    return int(output(["git", "-C", ROOT, "log", "-1", "--format=%ct"]))


def day(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
