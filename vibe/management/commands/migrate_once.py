"""`manage.py migrate_once`: brings the tables up to date, also where several processes start at the same moment."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

LOCK = 0x6461696C_79766962  # "dailyvib"; any number that no other program on the server's database uses


class Command(BaseCommand):
    help = "Applies the migrations; who comes while another process does so waits, and finds them applied."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        with alone():
            try:
                call_command("migrate", verbosity=0, interactive=False)
            except Exception as error:
                # A migration may raise anything. Each is rolled back whole, so that a repeat begins where it stopped.
                raise CommandError(
                    f"The tables could not be brought up to date, so nothing is started: {error}"
                    " Mend that and start again, or go back to the version before: docs/deployment.md."
                ) from error
        self.stdout.write("The tables are up to date.")


@contextmanager
def alone() -> Iterator[None]:
    """Waits until no other process is in here, on any machine that shares the database."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Of the session: who dies here lets go of it.
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                yield
            finally:
                _let_go()
        return
    with os.fdopen(_beside(connection.settings_dict["NAME"])) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _beside(database: object) -> int:
    try:
        return os.open(f"{database}.migrating", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CommandError(f"No database can be made where DB_PATH has it: {error}") from None


def _let_go() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    except Error:
        connection.close()  # it goes with the session
