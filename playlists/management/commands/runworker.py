from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from playlists.worker import GROUP, MANUAL, NIGHT, QUEUES
from playlists.worker.supervisor import GRACE, SETTLED, Supervisor


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number from 1 is needed")
    return int(text)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("a number of seconds is needed, for example 50")
    return value


class Command(BaseCommand):
    help = "Carries out what is queued and what is due, until it is stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=count, help="processes for the night; default: WORKERS")
        parser.add_argument("--manual-workers", type=count, help="for what people ask for; default: MANUAL_WORKERS")
        parser.add_argument("--grace", type=seconds, default=GRACE, help="seconds to end tasks after SIGTERM")
        parser.add_argument("--settled", type=seconds, default=SETTLED, help="seconds after which a restart has helped")
        parser.add_argument("--queue", choices=QUEUES, help=argparse.SUPPRESS)

    def handle(self, **options: Any) -> None:
        if options["queue"]:
            sys.exit(serve(options["queue"]))
        workers = {
            NIGHT: options["workers"] or max(1, settings.WORKERS),
            MANUAL: options["manual_workers"] or max(1, settings.MANUAL_WORKERS),
        }
        if not Supervisor(workers, options["grace"], options["settled"]).run():
            sys.exit(1)


def serve(queue: str) -> int:
    # Here alone: the supervisor has no use for it, and it is what makes up most of a process.
    from playlists.worker import cluster

    return cluster.serve(queue, supervisor=int(os.environ[GROUP].rpartition(":")[2]))
