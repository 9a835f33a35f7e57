from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from botapp.presence import Presence
from playlists import worker
from vibe.clients.models import Heartbeat

GROUP = f"{socket.gethostname()[:40]}:1"


def worker_beats(monkeypatch):
    monkeypatch.setenv(worker.GROUP, GROUP)
    monkeypatch.setenv(worker.QUEUE, "manual")
    worker.beat(timezone.now())


def bot_beats(_monkeypatch):
    assert Presence().claim(timezone.now()) == ""


@pytest.mark.parametrize(("process", "beats"), [("worker", worker_beats), ("bot", bot_beats)])
def test_who_beats_here_lives_until_it_is_silent(process, beats, db, monkeypatch):
    beats(monkeypatch)
    call_command("alive", process)
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=6))
    with pytest.raises(CommandError, match="no sign of life"):
        call_command("alive", process)


def test_another_process_or_machine_says_nothing_of_this_one(db, monkeypatch):
    worker_beats(monkeypatch)
    Heartbeat.objects.create(name="bot:elsewhere:7", at=timezone.now())
    with pytest.raises(CommandError, match="never"):
        call_command("alive", "bot")
