"""The fault harness: breaks the job in every way we know and prints what came of it.

python -m playlists.tests.chaos [CHECK ...] [--short] [--database NAME] [--write]

Ends with 1 where a check fails; what failed is told on stderr.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from playlists.tests.chaos.field import DATABASES, Field, played_on
from vibe.tests.sandbox_process import ROOT

if TYPE_CHECKING:
    from playlists.tests.chaos.verdict import Row

PAGE = ROOT / "docs" / "reliability.md"
HEAD = "| check | database | what happened | | seconds |\n|---|---|---|---|---|\n"
SHOWN = 30  # troubles of a check; more are seldom of another kind
BEGIN, END = "<!-- chaos: begin -->\n", "<!-- chaos: end -->\n"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m playlists.tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("checks", nargs="*", metavar="CHECK", help="all of them where none is named")
    parser.add_argument("--short", action="store_true", help="smaller numbers, for continuous integration")
    parser.add_argument("--database", choices=DATABASES, help="both where none is named")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)  # rows only: the harness's own calls
    options = parser.parse_args()
    if options.short and options.write:
        parser.error("the page shows the full numbers: --short cannot be written")
    return options


def play(database: str, names: list[str], *, short: bool) -> bool:
    """Prints the rows of one database as they come; whether all passed."""
    passed = True
    with played_on(database) as field:
        from playlists.tests.chaos.checks import CHECKS

        if unknown := set(names) - set(CHECKS):
            sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}.")
        for name in names or CHECKS:
            for row in played(name, CHECKS[name], field, short):
                sys.stdout.write(row.shown(database) + "\n")
                sys.stdout.flush()
                sys.stderr.writelines(f"{database}: {row.check}: {trouble}\n" for trouble in row.troubles[:SHOWN])
                passed &= not row.troubles
    return passed


def played(name: str, check: Callable[[Field, bool], list[Row]], field: Field, short: bool) -> list[Row]:
    from playlists.tests.chaos.verdict import Row

    try:
        return check(field, short)
    except Exception as error:  # noqa: BLE001 - one broken check must not cost the hour that the others take
        traceback.print_exc()
        return [Row(name, "the check itself broke", 0.0, [repr(error)])]


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
            try:
                for line in process.stdout:
                    sys.stdout.write(line)
                    sys.stdout.flush()
                    rows.append(line)
            except BaseException:
                process.terminate()
                raise
        passed &= process.returncode == 0
    if options.write:
        write(PAGE, rows)
    return passed


def write(page: Path, rows: Iterable[str]) -> None:
    """Puts the rows into the page's table; of the rows there, those of the same check and database give way."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    old, _, after = rest.partition(END)
    kept = {_key(row): row for row in old.removeprefix(HEAD).splitlines(keepends=True)}
    kept |= {_key(row): row for row in rows}
    page.write_text(f"{before}{BEGIN}{HEAD}{''.join(kept.values())}{END}{after}", encoding="utf-8")


def _key(row: str) -> tuple[str, ...]:
    return tuple(row.split("|")[1:3])


def main() -> None:
    options = arguments()
    # Whoever is told to go takes his processes, files and databases along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = play(options.database, options.checks, short=options.short) if options.bare else both(options)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
