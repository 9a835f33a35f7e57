"""`manage.py evaluate`: the engine and its rivals over listening data. An engineer's tool, in English."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

try:
    from recommendations.evaluation import data, generated, run, table
except ModuleNotFoundError as error:
    if error.name not in ("numpy", "scipy"):
        raise
    MISSING = error.name  # development requirements, which an installation does without
else:
    MISSING = ""


class Command(BaseCommand):
    help = "Measure the lists on listening data, beside baselines (docs/taste.md)."
    # It reads files and needs neither a .env nor a database.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, metavar="DIR", help="interactions.csv or plays.csv; without: made up")
        parser.add_argument("--users", type=int, default=1000, metavar="N", help="how many listeners are drawn")
        parser.add_argument("--seed", type=int, default=0, metavar="S", help="of every draw")
        parser.add_argument("--days", type=int, default=0, metavar="D", help="a list a day, history kept")
        parser.add_argument("--json", action="store_true", help="the figures for a program")
        parser.add_argument("--split", choices=["dev", "test"], default="dev", help="tune on dev alone")
        parser.add_argument("--least", type=int, default=30, metavar="K", help="tracks of whoever is drawn")
        parser.add_argument("--unknown", type=float, default=0.0, metavar="SHARE", help="tracks without similar ones")
        parser.add_argument("--no-track-service", action="store_true", help="nobody tells similar tracks")
        parser.add_argument("--no-artist-service", action="store_true", help="nor near artists and top tracks")
        parser.add_argument("--artist-radio", action="store_true", help="a simulated ListenBrainz plays near artists")
        parser.add_argument("--known", type=int, default=0, metavar="K", help="only so many tracks are known of each")
        parser.add_argument("--merged", type=int, default=1, metavar="M", help="so many listeners make one")
        parser.add_argument("--wild", type=int, default=0, metavar="W", help="the listeners' dial, 0 to 10")
        parser.add_argument("--only", metavar="NAMES", help="these rankers, with commas between")

    def handle(self, *_args: Any, **options: Any) -> None:
        if MISSING:
            raise CommandError(f"evaluate needs {MISSING}: pip install -r requirements-dev.txt")
        started = time.monotonic()

        def say(what: str) -> None:
            self.stderr.write(f"{time.monotonic() - started:5.0f} s  {what}")

        wanted = _wanted(options)
        try:
            heard = data.load(options["data"]) if options["data"] else generated.generate()
            figures = run.evaluate(heard, wanted, say)
        except data.DataError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(table.tables(figures)))


def _wanted(options: dict[str, Any]) -> run.Wanted:
    for name, least in (("users", 1), ("seed", 0), ("days", 0), ("least", 2), ("known", 0), ("merged", 1)):
        if options[name] < least:
            raise CommandError(f"--{name} must be {least} or more.")
    if not 0 <= options["unknown"] <= 1:
        raise CommandError("--unknown is a share, from 0 to 1.")
    if not 0 <= options["wild"] <= 10:
        raise CommandError("--wild goes from 0 to 10.")
    rankers = [name.strip() for name in options["only"].split(",")] if options["only"] else run.RANKERS
    if strange := next((name for name in rankers if name not in run.RANKERS), None):
        raise CommandError(f"--only: {strange} is none of {', '.join(run.RANKERS)}.")
    return run.Wanted(
        users=options["users"],
        seed=options["seed"],
        days=options["days"],
        test=options["split"] == "test",
        least=options["least"],
        unknown=options["unknown"],
        track_service=not options["no_track_service"],
        artist_service=not options["no_artist_service"],
        artist_radio=options["artist_radio"],
        known=options["known"],
        merged=options["merged"],
        wildness=options["wild"] / 10,
        rankers=rankers,
    )
