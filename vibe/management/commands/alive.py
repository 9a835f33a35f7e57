"""`manage.py alive worker|bot`: a container's health check, by the signs of life of the process beside it."""

from __future__ import annotations

import socket
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from vibe.clients.models import Heartbeat

SILENT = timedelta(minutes=5)  # both beat every minute, whatever the outside services do to them


class Command(BaseCommand):
    help = "Fails where the worker or the bot of this machine gave no sign of life for five minutes."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=["worker", "bot"])

    def handle(self, *, process: str, **_options: Any) -> None:
        host = socket.gethostname()[:40]
        # Those of other machines say nothing of this one.
        ours = Heartbeat.objects.filter(name__startswith=f"bot:{host}:" if process == "bot" else f"{host}:")
        last = ours.order_by("-at").values_list("at", flat=True).first()
        if last is None or timezone.now() - last > SILENT:
            raise CommandError(f"The {process} gives no sign of life: last {last or 'never'}.")
        self.stdout.write(f"The {process} lives.")
