from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext
from rich.console import Console

from playlists import terminal_whatif, whatif_words
from playlists.models import PlaylistRun
from playlists.whatif import NothingToReplay, compare
from playlists.whatif_form import FIELDS, WhatIfForm

HELP = {
    "size": "tracks, 1 to 100",
    "ratio": "share of new tracks, 0 to 1",
    "wild": "from 0, closest to the listener's taste, to 10",
    "cooldown": "days until a track may be given again, 0 to 3650",
    "weights": "of sources, 0 to 10: source=1.2,other=0",
    "languages": 'auto, off, or shares: "ru 40 en 50 other 10"',
}


class Command(BaseCommand):
    help = "Shows what a run's list would have been under other settings: no call to anybody, and nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", metavar="RUN", help="the run's number or page id")
        for name in FIELDS:
            parser.add_argument(f"--{name}", help=HELP[name])
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, **options: Any) -> None:
        form = WhatIfForm({name: options[name] for name in FIELDS})
        if not form.is_valid():
            wrong = "\n".join(f"--{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
            raise CommandError(wrong, returncode=2)
        run = find(options["run"])
        if run is None:
            raise CommandError(gettext("There is no run {run}.").format(run=options["run"]), returncode=2)
        try:
            difference = compare(run, form.changes)
        except NothingToReplay as nothing:
            raise CommandError(whatif_words.refusal(run, nothing.code)) from None
        if options["json"]:
            self.stdout.write(json.dumps(difference.as_json(), ensure_ascii=False, indent=2))
        else:
            terminal_whatif.show(Console(), difference)


def find(words: str) -> PlaylistRun | None:
    runs = PlaylistRun.objects.select_related("user")
    is_number = words.isascii() and words.isdecimal() and len(words) < 19
    by_number = runs.filter(pk=int(words)).first() if is_number else None
    return by_number or runs.filter(public_id=words).first()
