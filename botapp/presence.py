"""One program asks Telegram for the updates, for two would take them from each other: who it is, and that it lives.

The row `bot` says when it last showed itself, `bot:<host>:<process>` who it is.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from django.db import transaction

from vibe.clients.models import Heartbeat

BOT = "bot"
CONFLICT = "bot-conflict"  # when the bot last met another program that takes its updates
SILENT = timedelta(seconds=60)  # after which another one may take over


class Presence:
    def __init__(self) -> None:
        self._mine = f"{BOT}:{_host()}:{os.getpid()}"

    @transaction.atomic
    def claim(self, now: datetime) -> str:
        """Who else is there, and nothing is changed; or "", and it is us."""
        Heartbeat.objects.get_or_create(name=BOT, defaults={"at": now - SILENT})
        last = Heartbeat.objects.select_for_update().get(name=BOT)
        others = Heartbeat.objects.filter(name__startswith=f"{BOT}:")
        alive = [other.name for other in others if not _is_dead(other.name)]
        if alive and last.at > now - SILENT:
            return alive[0].removeprefix(f"{BOT}:")
        others.delete()
        Heartbeat.objects.create(name=self._mine, at=now)
        Heartbeat.objects.filter(name=BOT).update(at=now)
        return ""

    def beat(self, now: datetime) -> bool:
        """False where another one took over, for we were silent too long."""
        return Heartbeat.objects.filter(name__in=[BOT, self._mine]).update(at=now) == 2

    @transaction.atomic
    def leave(self) -> None:
        if Heartbeat.objects.filter(name=self._mine).delete()[0]:
            Heartbeat.objects.filter(name=BOT).delete()


def _host() -> str:
    return socket.gethostname()[:40]


def _is_dead(name: str) -> bool:
    """Whether it was a process of this machine that is gone: its successor need not wait."""
    _bot, host, number = name.split(":")
    if host != _host():
        return False
    if int(number) == os.getpid():
        return True  # the only process of a container has the same number each time
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
