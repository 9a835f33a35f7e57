"""`manage.py sandbox`: stand-ins for Spotify, Last.fm and Telegram on one port."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vibe.sandbox.command import DESCRIPTION, CannotStart, add_arguments, run


class Command(BaseCommand):
    help = DESCRIPTION
    # It must work before there is a .env, a database or a migration.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            run(options, self.stdout.write)
        except CannotStart as error:
            raise CommandError(str(error)) from error
