"""`manage.py backup FILE`: everything worth keeping, while everything runs, from either kind of database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from vibe import backup


class Command(BaseCommand):
    help = "Writes a backup of the database into a new file; everything may go on running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="its name, as a rule ending in .jsonl.gz")

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            header = backup.write(file, timezone.now())
        except FileExistsError:
            raise CommandError(f"{file} is there already, and a backup is never overwritten.") from None
        except OSError as error:
            raise CommandError(f"The backup could not be written: {error}") from None
        rows = sum(header.counts.values())
        self.stdout.write(f"{file}: {rows} rows of {len(header.counts)} tables, {file.stat().st_size} bytes.")
        self.stdout.write(KEYS)


KEYS = (
    "The .env file is NOT in it. Keep a copy of it in another place: without its TOKEN_ENCRYPTION_KEYS the stored"
    " sign-ins open never again, and every listener has to connect Spotify anew."
)
