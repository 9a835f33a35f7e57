"""The sender, against the sandbox's Telegram over HTTP."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Outbox, User
from accounts.outbox import ATTEMPTS, BACKOFF, BAD_TOKEN, LEASE, STALE, say, send_due, send_now
from vibe.clients.http import DEADLINE, TIMEOUT
from vibe.clients.meter import Meter
from vibe.clients.models import ApiUsage, ServiceState
from vibe.tests.at_once import at_once
from vibe.tests.sandbox_process import Sandbox

pytestmark = pytest.mark.django_db
CHATS = itertools.count(1000)  # the sandbox keeps what was said to earlier tests


class Killed(BaseException):
    """What a killed process does not survive, and nothing of ours may catch."""


class Clock:
    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, settings, monkeypatch) -> Iterator[Sandbox]:
    settings.TELEGRAM_API_URL = running.url
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    settings.TELEGRAM_CALL_GAP_MS = 0
    monkeypatch.setattr("vibe.clients.http.BACKOFF", (0.01, 0.01))
    running.calls(clear=True)
    yield running
    running.clear_faults()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chat() -> int:
    return next(CHATS)


def tell(chat: int, key: str = "", **options: Any) -> Outbox:
    key = key or f"key-{next(CHATS)}"
    assert say(chat, "consent_ending", key, {"days": 3}, **options)
    return Outbox.objects.get(key=key)


def said(sandbox: Sandbox, chat: int) -> list[dict[str, Any]]:
    return [message for message in sandbox.state()["messages"] if message["chat_id"] == chat]


def calls(sandbox: Sandbox) -> list[str]:
    return [call["family"] for call in sandbox.calls("telegram")]


def state(row: Outbox) -> tuple[str, str, int]:
    row.refresh_from_db()
    return row.status, row.error_code, row.attempts


def killed_at(label: str, monkeypatch, clock: Clock) -> None:
    def here(reached: str) -> None:
        if reached == label:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("vibe.crash.here", here)
        with pytest.raises(Killed):
            send_due(clock)


def test_a_message_is_sent_once_and_its_id_is_kept(sandbox, clock, chat):
    row = tell(chat)
    assert send_due(clock) == {"sent": 1}
    assert send_due(clock) == {}
    (message,) = said(sandbox, chat)
    assert "3 days" in message["text"]
    assert state(row) == ("sent", "", 1)
    assert (row.message_id, row.lease_until) == (message["message_id"], None)
    assert ApiUsage.objects.get(service="telegram").calls == 1


def test_a_one_time_link_is_kept_no_longer_than_it_takes_to_send_it(sandbox, clock, chat):
    say(chat, "connect", "a link", {"link": "https://vibe.example.org/?token=secret", "minutes": 10, "button": True})
    assert send_due(clock) == {"sent": 1}
    (message,) = said(sandbox, chat)
    assert "secret" in str(message["reply_markup"])
    assert "secret" not in str(Outbox.objects.get().payload)


@pytest.mark.parametrize("fate", ["sent", "dead", "stale"])
def test_what_a_listener_wrote_is_kept_no_longer_than_it_takes_to_say_it(sandbox, clock, chat, fate):
    about = {"user": 5, "name": "Bob", "chat": 9, "active": True, "used": 1, "slots": 5}
    say(chat, "approve_request", "a", about | {"email": "b@secret.example"})
    if fate == "stale":
        say(chat, "size", "b", {"wrong": "secret"})
    if fate == "dead":
        Outbox.objects.update(attempts=1_000)
    if fate == "stale":
        Outbox.objects.update(created_at=clock.now - timedelta(days=9))
    send_due(clock)
    assert {row.status for row in Outbox.objects.all()} == {"sent" if fate == "sent" else "dead"}
    assert "secret" not in str([row.payload for row in Outbox.objects.all()])
    assert Outbox.objects.get(key="a").payload == about
    assert [row for row in said(sandbox, chat) if "b@secret.example" in row["text"]] or fate != "sent"


def test_who_is_in_haste_leaves_the_rest_to_the_next_one(sandbox, clock, chat):
    keys = [tell(chat).key for _ in range(3)]
    assert send_now(keys, Meter(clock, {}), seconds=-1.0) == {}
    assert not said(sandbox, chat)
    assert send_now(keys[:2], Meter(clock, {}), seconds=60.0) == {"sent": 2}
    assert send_due(clock) == {"sent": 1}


def test_the_same_key_is_written_once_even_inside_a_transaction(chat):
    with transaction.atomic():
        assert say(chat, "consent_ending", "once", {"days": 1})
        assert not say(chat, "consent_ending", "once", {"days": 2})
    assert Outbox.objects.get().payload == {"days": 1}


def test_what_is_rolled_back_is_never_said(sandbox, clock, chat):
    with transaction.atomic():
        tell(chat)
        transaction.set_rollback(True)
    assert send_due(clock) == {}
    assert said(sandbox, chat) == []


def test_a_message_waits_for_its_time(sandbox, clock, chat):
    tell(chat, not_before=clock.now + timedelta(hours=1))
    assert send_due(clock) == {}
    clock.forward(timedelta(hours=1))
    assert send_due(clock) == {"sent": 1}


def test_the_oldest_goes_first_and_no_more_than_asked(sandbox, clock, chat):
    rows = [tell(chat) for _ in range(3)]
    assert send_due(clock, limit=2) == {"sent": 2}
    assert [state(row)[0] for row in rows] == ["sent", "sent", "pending"]


def test_a_round_that_takes_too_long_leaves_the_rest_to_the_next_one(sandbox, clock, chat, monkeypatch):
    rows = [tell(chat) for _ in range(3)]
    monkeypatch.setattr("accounts.outbox.ROUND", 0.5)
    sandbox.fault("slow", service="telegram", seconds=1)
    assert send_due(clock) == {"sent": 1}
    assert [state(row)[0] for row in rows] == ["sent", "pending", "pending"]


def test_without_a_token_everything_waits(sandbox, settings, clock, chat):
    settings.TELEGRAM_BOT_TOKEN = ""
    row = tell(chat)
    clock.forward(STALE - timedelta(minutes=1))
    assert send_due(clock) == {}
    assert state(row) == ("pending", "", 0)


def test_old_news_is_given_up_without_a_token_too(settings, clock, chat):
    settings.TELEGRAM_BOT_TOKEN = ""
    row = tell(chat)
    clock.forward(STALE + timedelta(minutes=1))
    assert send_due(clock) == {"dead": 1}
    assert state(row) == ("dead", "stale", 0)


def test_a_known_message_is_edited_instead_of_a_second_one_being_sent(sandbox, clock, chat):
    first = tell(chat)
    send_due(clock)
    first.refresh_from_db()
    assert say(
        chat, "needs_link", "second", {"day": "2026-11-23", "code": "consent_ended"}, message_id=first.message_id
    )
    assert send_due(clock) == {"sent": 1}
    (message,) = said(sandbox, chat)
    assert "/connect" in message["text"]
    assert message["edited"] == 1


def test_an_edit_that_was_made_before_the_sender_died_is_a_success(sandbox, clock, chat, monkeypatch):
    card = sent_card(sandbox, clock, chat)
    row = tell_edit(chat, card)
    killed_at("message_sent", monkeypatch, clock)
    clock.forward(LEASE)
    assert send_due(clock) == {"sent": 1}
    assert state(row) == ("sent", "", 2)
    assert [message["edited"] for message in said(sandbox, chat)] == [1]


def sent_card(sandbox: Sandbox, clock: Clock, chat: int) -> int:
    tell(chat)
    send_due(clock)
    message_id: int = said(sandbox, chat)[-1]["message_id"]
    return message_id


def tell_edit(chat: int, card: int, days: int = 9) -> Outbox:
    key = f"edit-{next(CHATS)}"
    assert say(chat, "consent_ending", key, {"days": days}, message_id=card)
    return Outbox.objects.get(key=key)


def test_where_the_message_to_edit_is_gone_a_new_one_is_sent(sandbox, clock, chat):
    row = tell_edit(chat, 999_999)
    assert send_due(clock) == {"sent": 1}
    (message,) = said(sandbox, chat)
    row.refresh_from_db()
    assert row.message_id == message["message_id"]


def test_an_old_word_is_not_put_over_a_newer_one(sandbox, clock, chat):
    card = sent_card(sandbox, clock, chat)
    old = tell_edit(chat, card, days=5)
    sandbox.fault("server_error", service="telegram", times=3)
    assert send_due(clock) == {"again": 1}
    tell_edit(chat, card, days=7)
    assert send_due(clock) == {"sent": 1}
    clock.forward(BACKOFF[0])
    assert send_due(clock) == {"dead": 1}
    assert state(old)[:2] == ("dead", "superseded")
    assert "7 days" in said(sandbox, chat)[0]["text"]


@pytest.mark.parametrize(("label", "messages"), [("message_sending", 1), ("message_sent", 2)])
def test_a_killed_senders_message_is_sent_after_its_lease(sandbox, clock, chat, monkeypatch, label, messages):
    row = tell(chat)
    killed_at(label, monkeypatch, clock)
    assert state(row)[0] == "sending"
    clock.forward(LEASE - timedelta(seconds=1))
    assert send_due(clock) == {}
    clock.forward(timedelta(seconds=1))
    assert send_due(clock) == {"sent": 1}
    # Killed between the answer and our note of it, it is said twice: the one repeat that is accepted.
    assert len(said(sandbox, chat)) == messages


def test_a_message_that_keeps_killing_its_senders_is_given_up(sandbox, clock, chat, monkeypatch):
    row = tell(chat)
    for _ in range(ATTEMPTS):
        killed_at("message_sending", monkeypatch, clock)
        clock.forward(LEASE)
    assert send_due(clock) == {"dead": 1}
    assert state(row)[:2] == ("dead", "worn_out")
    assert said(sandbox, chat) == []


def test_no_call_with_its_repeats_outlasts_the_lease():
    assert DEADLINE + sum(TIMEOUT) < LEASE.total_seconds()


def test_a_sender_that_was_overtaken_changes_nothing(sandbox, clock, chat, monkeypatch):
    row = tell(chat)
    overtaken: list[int] = []

    def here(label: str) -> None:
        if label == "message_sent" and not overtaken:
            overtaken.append(1)
            clock.forward(LEASE)
            assert send_due(clock) == {"sent": 1}

    monkeypatch.setattr("vibe.crash.here", here)
    send_due(clock)
    first, second = (message["message_id"] for message in said(sandbox, chat))
    assert state(row) == ("sent", "", 2)
    assert row.message_id == second != first


def test_a_sender_that_was_overtaken_does_not_settle_what_the_other_is_still_at(sandbox, clock, chat, monkeypatch):
    row = tell(chat)
    overtaken: list[int] = []

    def here(label: str) -> None:
        if overtaken:
            raise Killed
        if label == "message_sent":
            overtaken.append(1)
            clock.forward(LEASE)
            with pytest.raises(Killed):
                send_due(clock)

    monkeypatch.setattr("vibe.crash.here", here)
    send_due(clock)
    assert state(row) == ("sending", "", 2)
    assert row.lease_until == clock.now + LEASE


@pytest.mark.parametrize(("kind", "is_blocked"), [("blocked", True), ("chat_not_found", False)])
def test_a_permanent_refusal_ends_the_matter(sandbox, clock, chat, kind, is_blocked):
    user = User.objects.create_user("bob", telegram_chat_id=chat)
    row = tell(chat)
    sandbox.fault(kind)
    assert send_due(clock) == {"dead": 1}
    assert state(row) == ("dead", kind, 1)
    user.refresh_from_db()
    assert user.is_bot_blocked == is_blocked
    clock.forward(timedelta(days=1))
    assert send_due(clock) == {}


def test_nothing_is_said_to_who_has_blocked_the_bot(sandbox, clock, chat):
    User.objects.create_user("bob", telegram_chat_id=chat, is_bot_blocked=True)
    row = tell(chat)
    assert send_due(clock) == {"dead": 1}
    assert state(row)[:2] == ("dead", "blocked")
    assert calls(sandbox) == []


def test_a_text_that_telegram_refuses_ends_the_matter(sandbox, clock, chat):
    assert say(chat, "incident_open", "long", {"kind": "x" * 5000, "params": {}})
    assert send_due(clock) == {"dead": 1}
    assert state(Outbox.objects.get()) == ("dead", "bad_request", 1)


def test_one_chats_refusal_does_not_hold_the_others(sandbox, clock, chat):
    other = next(CHATS)
    tell(chat)
    tell(other)
    sandbox.fault("server_error", service="telegram", status=500)
    assert send_due(clock) == {"again": 1, "sent": 1}
    assert (len(said(sandbox, chat)), len(said(sandbox, other))) == (0, 1)


def test_a_passing_failure_is_tried_again_later_and_later_until_it_is_old_news(sandbox, clock, chat):
    row = tell(chat)
    sandbox.fault("server_error", service="telegram", times=None)
    end = clock.now + STALE
    for rest in (*BACKOFF, *[BACKOFF[-1]] * 20):
        if clock.now > end:
            break
        assert send_due(clock) == {"again": 1}
        assert state(row)[:2] == ("pending", "unavailable")
        assert row.not_before == clock.now + rest
        ServiceState.objects.all().delete()  # the circuit breaker would end the experiment first
        clock.forward(rest)
    assert send_due(clock) == {"dead": 1}
    assert state(row)[:2] == ("dead", "stale")


def test_a_message_that_kept_failing_survives_a_killed_sender(sandbox, clock, chat, monkeypatch):
    row = tell(chat)
    Outbox.objects.update(attempts=len(BACKOFF))
    killed_at("message_sending", monkeypatch, clock)
    clock.forward(LEASE)
    assert send_due(clock) == {"sent": 1}
    assert state(row)[0] == "sent"


@pytest.mark.parametrize(("later", "is_said"), [("run:12:done", False), ("run:123:done", True)])
def test_of_a_run_only_the_newest_word_is_said(sandbox, clock, chat, later, is_said):
    parked = tell(chat, "run:12:1:parked")
    tell(chat, later)
    assert send_due(clock)["sent"] == 1 + is_said
    assert state(parked)[:2] == (("sent", "") if is_said else ("dead", "superseded"))


def test_a_lost_answer_repeats_the_message_rather_than_losing_it(sandbox, clock, chat):
    tell(chat)
    sandbox.fault("timeout_after_write", service="telegram", mode="drop")
    assert send_due(clock) == {"again": 1}
    clock.forward(BACKOFF[0])
    assert send_due(clock) == {"sent": 1}
    assert len(said(sandbox, chat)) == 2


def test_a_flood_limit_holds_everybody_for_its_time_and_costs_no_attempt(sandbox, clock, chat):
    rows = [tell(next(CHATS)) for _ in range(3)]
    sandbox.fault("rate_limit", service="telegram", seconds=40)
    assert send_due(clock) == {"held": 1}
    assert calls(sandbox) == ["sendMessage"]
    assert [state(row) for row in rows] == [("pending", "", 0)] * 3
    clock.forward(timedelta(seconds=39))
    assert send_due(clock) == {}
    assert calls(sandbox) == ["sendMessage"]
    clock.forward(timedelta(seconds=2))
    assert send_due(clock) == {"sent": 3}


def test_a_limit_that_another_process_met_stops_a_sender_under_way(sandbox, clock, chat, monkeypatch):
    rows = [tell(next(CHATS)) for _ in range(2)]

    def here(label: str) -> None:
        if label == "message_sent":
            until = clock.now + timedelta(minutes=1)
            ServiceState.objects.create(service="telegram", blocked_until=until, reason="rate_limited")

    monkeypatch.setattr("vibe.crash.here", here)
    assert send_due(clock) == {"sent": 1}
    assert [state(row)[0] for row in rows] == ["sent", "pending"]


def test_a_bad_token_holds_everybody_for_a_quarter_of_an_hour_and_is_logged(sandbox, settings, clock, chat, caplog):
    settings.TELEGRAM_BOT_TOKEN = "wrong"
    row = tell(chat)
    tell(chat)
    assert send_due(clock) == {"held": 1}
    assert send_due(clock) == {}
    assert state(row) == ("pending", "", 0)
    assert "TELEGRAM_BOT_TOKEN" in caplog.text
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    clock.forward(BAD_TOKEN + timedelta(seconds=1))
    assert send_due(clock) == {"sent": 2}


def test_a_telegram_that_keeps_failing_gets_a_rest(sandbox, clock, chat):
    rows = [tell(next(CHATS)) for _ in range(9)]
    sandbox.fault("server_error", service="telegram", times=None)
    assert send_due(clock) == {"again": 5}
    assert sum(state(row)[2] for row in rows) == 5
    sandbox.clear_faults()
    assert send_due(clock) == {}
    clock.forward(timedelta(minutes=2))
    assert send_due(clock) == {"sent": 9}


def test_old_news_is_not_told(sandbox, clock, chat):
    row, planned = tell(chat), tell(chat, not_before=clock.now + STALE * 2)
    clock.forward(STALE + timedelta(minutes=1))
    assert send_due(clock) == {"dead": 1}
    assert state(row)[:2] == ("dead", "stale")
    clock.forward(STALE)
    assert send_due(clock) == {"sent": 1}
    assert state(planned)[0] == "sent"


def test_a_text_that_cannot_be_made_holds_nobody(sandbox, clock, chat):
    assert say(chat, "no_such_template", "odd", {})
    tell(chat)
    assert send_due(clock) == {"again": 1, "sent": 1}
    assert state(Outbox.objects.get(key="odd"))[:2] == ("pending", "internal")


@pytest.mark.django_db(transaction=True)
def test_many_senders_together_say_everything_once(sandbox, chat):
    clock = Clock()
    for _ in range(12):
        tell(chat)

    def sender() -> int:
        try:
            return send_due(clock)["sent"]
        finally:
            connection.close()

    assert sum(at_once(6, sender)) == 12
    assert len(said(sandbox, chat)) == 12
    assert set(Outbox.objects.values_list("status", "attempts")) == {("sent", 1)}


@pytest.mark.django_db(transaction=True)
def test_many_writers_of_one_key_write_it_once(chat):
    def writer() -> bool:
        try:
            with transaction.atomic():
                return say(chat, "consent_ending", "one", {"days": 1})
        finally:
            connection.close()

    assert sorted(at_once(10, writer)) == [False] * 9 + [True]
