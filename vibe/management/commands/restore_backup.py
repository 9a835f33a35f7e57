"""`manage.py restore_backup FILE`: a backup into an empty database, of the same kind or the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from playlists import restored
from vibe import backup


class Command(BaseCommand):
    help = "Puts a backup into this database, which must be migrated and empty."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        try:
            with backup.opened(file) as (header, rows), transaction.atomic():
                backup.refuse_misfit(header)
                backup.load(header, rows)
                restored.settle(timezone.now())
        except backup.Refused as why:
            raise CommandError(str(why)) from None
        except OSError as error:
            raise CommandError(f"The backup could not be read: {error}") from None
        self.tell(header)

    def tell(self, header: backup.Header) -> None:
        for model in backup.tables():
            label, count = model._meta.label_lower, model._base_manager.count()
            self.stdout.write(f"{label:40}{header.counts[label]:>10} in the backup{count:>10} here")
        self.stdout.write(f"The state of {header.made_at} is back. What happened since is not in it:")
        self.stdout.write(SINCE)
        if count := restored.unreadable():
            self.stderr.write(
                f"Accounts that none of TOKEN_ENCRYPTION_KEYS opens: {count}. Put the keys of that day's .env back, or"
                " have these listeners connect Spotify again."
            )


SINCE = (
    "- Nights that were due until now are not repeated; the next one comes as usual.\n"
    "- Messages that were waiting are not sent, runs that were under way are ended.\n"
    "- Who has disconnected or asked to be forgotten since is back: see to it again."
)
