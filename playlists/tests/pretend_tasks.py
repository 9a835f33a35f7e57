"""What the worker's tests have carried out by real workers. Each leaves a note in the database."""

from __future__ import annotations

import os
import signal
import time

from django.utils import timezone

from vibe.clients.models import Heartbeat


def note(text: str) -> None:
    Heartbeat.objects.update_or_create(name=f"pretend {text}", defaults={"at": timezone.now()})


def rest(text: str, seconds: float) -> None:
    note(f"{text} begun")
    time.sleep(seconds)
    note(f"{text} done")


def wait_for(text: str) -> None:
    """For another's note, or a minute."""
    note(f"waiting for {text}")
    deadline = time.monotonic() + 60
    while not noted(text) and time.monotonic() < deadline:
        time.sleep(0.05)
    note(f"waited for {text}")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def burst() -> None:
    """Dies of an error that django-q2 does not catch."""
    raise GeneratorExit("token=abcdefghijklmnop")


def noted(text: str) -> bool:
    return Heartbeat.objects.filter(name=f"pretend {text}").exists()
