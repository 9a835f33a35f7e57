"""A webhook brings updates to many threads, and the same one twice where it had no patience."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.models import Outbox, User
from botapp.intake import Intake
from botapp.models import HandledUpdate
from botapp.turn import HANDLERS, Entry, Turn
from vibe.clients.meter import Meter
from vibe.tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
THREADS = 6


@pytest.fixture(autouse=True)
def counting(monkeypatch, settings) -> None:
    settings.BOT_OPEN = True

    def count(turn: Turn) -> None:
        turn.user.playlist_size = (turn.user.playlist_size or 0) + 1
        turn.user.save(update_fields=["playlist_size"])
        turn.say("unknown")

    monkeypatch.setitem(HANDLERS, "count", Entry(count, everybody=False, typed=True))


def take(intake: Intake, number: int, chat: int = 7) -> None:
    ann = {"id": chat, "is_bot": False, "first_name": "Ann"}
    message: dict[str, Any] = {"message_id": 1, "from": ann, "chat": ann | {"type": "private"}, "date": 1}
    try:
        intake.take({"update_id": number, "message": message | {"text": "/count"}}, NOW, Meter(lambda: NOW, {}))
    finally:
        connection.close()


def test_one_update_brought_to_many_threads_is_handled_once():
    intake = Intake()
    at_once(THREADS, lambda: take(intake, 1))
    assert User.objects.get().playlist_size == 1
    assert Outbox.objects.count() == HandledUpdate.objects.count() == 1


def test_a_newcomers_many_updates_make_one_listener_and_lose_nothing():
    intake, numbers = Intake(), itertools.count(1)
    at_once(THREADS, lambda: take(intake, next(numbers)))
    assert User.objects.get().playlist_size == THREADS
    assert Outbox.objects.count() == THREADS


def test_threads_do_not_answer_in_each_others_chats():
    intake, numbers = Intake(), itertools.count(1)

    def one() -> None:
        number = next(numbers)
        take(intake, number, chat=100 + number)

    at_once(THREADS, one)
    assert set(Outbox.objects.values_list("chat_id", "key")) == {
        (100 + number, f"update:{number}:0") for number in range(1, THREADS + 1)
    }
