"""A check that needs a ground of its own (other settings, another sandbox, a database it may fill or break).

It is played in a process of its own, since Django's settings are read once:
`python -m playlists.tests.chaos.aside CHECK DATABASE [--short]` calls `play(database, short)` of the check's module.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import django

from playlists.tests.chaos.field import SETTINGS, Field, database_for
from vibe.tests.sandbox_process import ROOT, Sandbox

if TYPE_CHECKING:
    from playlists.tests.chaos.verdict import Row

HERE = "playlists.tests.chaos"
TOKEN = "1234567890:" + 35 * "x"  # of the right form: a real `runworker` looks at it before it starts


class Line(NamedTuple):
    """A row on its way to the table: the row itself needs Django, which a ground sets up later."""

    check: str
    happened: str
    seconds: float
    troubles: list[str]


def aside(name: str, *, in_short: bool = True) -> Callable[[Field, bool], list[Row]]:
    """The check of that module, as the table of checks wants it. `in_short`: whether --short plays it at all."""

    def check(field: Field, short: bool) -> list[Row]:
        from playlists.tests.chaos.verdict import Row

        if short and not in_short:
            return []
        words = [name, field.database, *(["--short"] if short else [])]
        played = subprocess.run(
            [sys.executable, "-m", f"{HERE}.aside", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE
        )
        if played.returncode:
            return [Row(name, "did not end well", 0.0, [f"the check itself ended with {played.returncode}"])]
        return [Row(*line) for line in json.loads(played.stdout.splitlines()[-1])]

    return check


@contextmanager
def ground(database: str, sandbox: Sandbox, *, place: dict[str, str] | None = None, **settings: str) -> Iterator[Field]:
    """A field with these settings, once a process. `place`: what names a database that the check made itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if place is not None:
            yield from _opened(database, sandbox, folder, place | settings)
            return
        with database_for(database, folder) as made:
            yield from _opened(database, sandbox, folder, made | settings)


def _opened(database: str, sandbox: Sandbox, folder: Path, settings: dict[str, str]) -> Iterator[Field]:
    environment = {**SETTINGS, "TELEGRAM_BOT_TOKEN": TOKEN, **sandbox.environment, **settings}
    os.environ |= environment
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    field = Field(database, sandbox, folder, environment)
    try:
        yield field
    finally:
        field.close()
        connections.close_all()


def main(name: str, database: str, *options: str) -> None:
    play: Callable[[str, bool], list[Line]] = import_module(f"{HERE}.{name}").play
    sys.stdout.write(json.dumps(play(database, "--short" in options)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
