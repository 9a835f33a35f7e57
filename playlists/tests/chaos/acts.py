"""What children do, beside the job's own tasks: finish what others left, and work on until they are killed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from django.core.management import call_command
from django.utils import timezone

from accounts.models import Outbox
from playlists import tasks
from playlists.models import PlaylistRun

GIVE_UP = 60.0  # seconds
WAITING = (Outbox.Status.PENDING, Outbox.Status.SENDING)


def recover(*run_ids: int) -> None:
    """A second worker: revives, runs and sends, until these runs have ended and their messages are out."""
    give_up = time.monotonic() + GIVE_UP
    while time.monotonic() < give_up:
        with suppress(tasks.TaskFailed):  # it is in the log, with its traceback
            tasks.reap()
            for run_id in PlaylistRun.objects.due(timezone.now()).filter(pk__in=run_ids).values_list("pk", flat=True):
                tasks.run(run_id)
            tasks.outbox()
        if is_over(run_ids):
            return
        time.sleep(0.1)
    sys.exit(f"not over after {GIVE_UP:g} s")


def is_over(run_ids: Sequence[int]) -> bool:
    if PlaylistRun.objects.unfinished().filter(pk__in=run_ids).exists():
        return False
    keys = [f"run:{run_id}:done" for run_id in run_ids]
    return not Outbox.objects.filter(key__in=keys, status__in=WAITING).exists()


def work() -> None:
    """A worker for ever: takes any run that is due; one task in ten is one of the minute's."""
    while True:
        with suppress(tasks.TaskFailed):
            random.choices((one_run, tasks.reap, tasks.outbox), (8, 1, 1))[0]()


def one_run() -> None:
    due = list(PlaylistRun.objects.due(timezone.now()).values_list("pk", flat=True)[:20])
    if due:
        tasks.run(random.choice(due))
    else:
        time.sleep(0.05)


def command(*words: str) -> None:
    """A management command, as a person at a shell gets it."""
    call_command(*words)


def say(chat_id: int) -> None:
    """A first message in the chat, which a run may then write its result into."""
    facts = {"run": 0, "day": "2026-11-23", "code": "interrupted", "params": {}}
    Outbox.objects.create(key=f"card:{chat_id}", chat_id=chat_id, kind="failed", payload=facts)
    tasks.outbox()
