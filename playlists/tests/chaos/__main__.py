"""The fault harness: breaks the job in every way we know and prints what came of it.

python -m playlists.tests.chaos [CHECK ...] [--short] [--database NAME] [--write]

Ends with 1 where a check fails; what failed is told on stderr.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from playlists.tests.chaos.field import DATABASES, played_on
from vibe.tests.sandbox_process import ROOT

PAGE = ROOT / "docs" / "reliability.md"
HEAD = "| check | database | what happened | | seconds |\n|---|---|---|---|---|\n"
BEGIN, END = "<!-- chaos: begin -->\n", "<!-- chaos: end -->\n"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playlists.tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="all of them where none is named")
    parser.add_argument("--short", action="store_true", help="smaller numbers, for continuous integration")
    parser.add_argument("--database", choices=DATABASES, help="both where none is named")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)  # rows only: the harness's own calls
    return parser.parse_args()


def play(database: str, names: list[str], *, short: bool) -> bool:
    """Prints the rows of one database as they come; whether all passed."""
    passed = True
    with played_on(database) as field:
        from playlists.tests.chaos.checks import CHECKS

        if unknown := set(names) - set(CHECKS):
            sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}.")
        for name in names or CHECKS:
            for row in CHECKS[name](field, short):
                sys.stdout.write(row.shown(database) + "\n")
                sys.stdout.flush()
                sys.stderr.writelines(f"{database}: {row.check}: {trouble}\n" for trouble in row.troubles)
                passed &= not row.troubles
    return passed


def both(options: argparse.Namespace) -> bool:
    """Each database in a process of its own, for Django's settings are read once."""
    sys.stdout.write(HEAD)
    rows, passed = [], True
    for database in [options.database] if options.database else DATABASES:
        words = [*options.checks, *(["--short"] if options.short else []), "--bare", "--database", database]
        with subprocess.Popen(
            [sys.executable, "-m", "playlists.tests.chaos", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                rows.append(line)
        passed &= process.returncode == 0
    if options.write:
        write(PAGE, HEAD + "".join(rows))
    return passed


def write(page: Path, table: str) -> None:
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")


def main() -> None:
    options = arguments()
    passed = play(options.database, options.checks, short=options.short) if options.bare else both(options)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
