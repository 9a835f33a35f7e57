from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from vibe.doctor import work
from vibe.doctor.checks import examine, is_well
from vibe.doctor.exam import Exam
from vibe.doctor.rows import Row, State

STYLES = {State.OK: "green", State.MEND: "bold red", State.INFO: "cyan", State.SKIPPED: "dim"}


class Command(BaseCommand):
    help = "Checks what this installation needs and says what to mend; ends with 1 where anything is."
    requires_system_checks = []  # they are its first rows
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", metavar="USER", default="", help="whose account is tried (else the first linked)")
        parser.add_argument("--write", action="store_true", help="make a playlist at Spotify and take it away again")
        parser.add_argument("--no-calls", action="store_true", help="ask nobody outside")
        parser.add_argument(
            "--seconds", type=float, default=0, help="for all, a third of it for each (default: no limit)"
        )
        parser.add_argument("--schedules", action="store_true", help="first make schedules that are missing again")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], help="of the table")

    def handle(self, **options: Any) -> None:
        wishes = {name: options[name] for name in ("user", "write", "seconds")}
        exam = Exam(timezone.now, calls=not options["no_calls"], **wishes)
        for one, handler in ((signal.SIGTERM, exam.stop), (signal.SIGINT, exam.stop), (signal.SIGALRM, exam.late)):
            signal.signal(one, handler)
        if options["schedules"]:
            work.make_schedules()
        with translation.override(options["language"] or environment_language()):
            rows = examine(exam)
            if options["json"]:
                told = {"well": is_well(rows), "rows": [asdict(row) for row in rows]}
                self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            else:
                show(rows)
        if exam.is_over or not is_well(rows):
            sys.exit(1)


def environment_language() -> str:
    """The first of the environment's languages that we speak, in gettext's own order of names."""
    told = ":".join(os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    known = dict(settings.LANGUAGES)
    return next((code[:2] for code in told.split(":") if code[:2] in known), settings.LANGUAGE_CODE)


def show(rows: list[Row]) -> None:
    """What to do stands below what was found, so that both are readable on a narrow terminal."""
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in (_("Row"), _("State"), _("Found, and what to do")):
        table.add_column(title, overflow="fold")  # an address is to be copied whole
    for row in rows:
        state = f"[{STYLES[row.state]}]{escape(row.label)}[/]"
        remedy = f"\n[bold]→ {escape(row.remedy)}[/bold]" if row.remedy else ""
        table.add_row(escape(row.title), state, escape(row.found) + remedy)
    console.print(table, highlight=False)
    bad = sum(row.state == State.MEND for row in rows)
    console.print()
    console.print(_("To mend: {count}").format(count=bad) if bad else _("Nothing is to mend."))
