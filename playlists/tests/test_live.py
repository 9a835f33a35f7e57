"""The card in which a run is watched: one message through all steps to the result, whatever Telegram does meanwhile."""

from __future__ import annotations

import re
from datetime import time, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import Outbox, User
from accounts.outbox import say, send_due, send_now
from playlists import tasks
from playlists.live import GAP, Live, watched
from playlists.models import PlaylistRun
from playlists.notify import begun
from playlists.request import order
from recommendations.listen import listen
from vibe.clients.meter import Meter
from vibe.clients.models import Heartbeat, ServiceState

pytestmark = pytest.mark.usefixtures("warm")

CHATS = count(70_000)  # the sandbox remembers what was said in the tests before
SENT, EDITED = "sendMessage", "editMessageText"


@pytest.fixture
def watcher(listener: User, sandbox, settings) -> User:
    """Has an hour already, so that nothing but his runs is spoken of."""
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    User.objects.filter(pk=listener.pk).update(nightly_at=time(8), telegram_chat_id=next(CHATS))
    listener.refresh_from_db()
    Heartbeat.objects.create(name="reap", at=timezone.now())
    sandbox.telegram_calls(clear=True)
    return listener


def asked(user: User, *, is_sent: bool = True, **wishes: Any) -> PlaylistRun:
    """As /generate does it: the run, its card, and the card sent."""
    wishes = {"force": not wishes.get("dry_run"), "size": 5, **wishes}
    run, _ = order(user, trigger="bot", now=timezone.now(), **wishes)
    key = begun(run, chat_of(user), timezone.now())
    if is_sent:
        send_now([key], Meter(timezone.now))
    return run


def chat_of(user: User) -> int:
    assert user.telegram_chat_id is not None
    return user.telegram_chat_id


def carried_out(run: PlaylistRun) -> str:
    tasks.run(run.pk)
    run.refresh_from_db()
    return run.status


def transcript(sandbox) -> list[tuple[str, str]]:
    """Method and text of every call to Telegram."""
    return [(call["method"], call["params"].get("text", "")) for call in sandbox.telegram_calls()]


def methods(sandbox) -> list[str]:
    return [method for method, _text in transcript(sandbox)]


def mended() -> None:
    ServiceState.objects.update(blocked_until=None, failures=0, reason="")
    Outbox.objects.update(not_before=None)


def test_one_message_goes_through_the_steps_with_their_counts_and_ends_as_the_result(watcher, sandbox):
    run = asked(watcher)
    assert carried_out(run) == "success"
    said = transcript(sandbox)
    assert [method for method, _text in said] == [SENT] + [EDITED] * (len(said) - 1)
    steps = [
        "begins in a moment",
        "▸ reading your likes",
        "▸ asking",
        "candidates found",
        "▸ choosing",
        "▸ writing 5 tracks",
    ]
    places = [next(n for n, (_method, text) in enumerate(said) if step in text) for step in [*steps, run.playlist_url]]
    assert places == sorted(set(places))
    assert places[-1] == len(said) - 1
    with_sources = said[places[3]][1]
    assert re.search(r"✓ \d+ liked tracks read", with_sources)
    assert re.search(r"Last.fm, similar tracks: \d+\n", with_sources)
    assert "▸ choosing" not in with_sources


def test_the_run_of_the_night_is_a_new_message_without_a_sound(watcher, sandbox):
    run, _ = order(watcher, trigger="nightly", now=timezone.now(), size=5)
    assert carried_out(run) == "success"
    (call,) = sandbox.telegram_calls()
    assert (call["method"], call["params"]["disable_notification"]) == (SENT, "true")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limit", "seconds": 2},
        {"kind": "blocked"},
        {"kind": "chat_not_found"},
        {"kind": "server_error", "status": 500},
        {"kind": "malformed"},
        {"kind": "timeout_after_write", "mode": "drop"},
        {"kind": "timeout_after_write", "mode": "hang", "seconds": 0.6},
    ],
    ids=lambda fault: fault["kind"],
)
def test_whatever_telegram_does_the_run_succeeds_and_is_shown_no_further(watcher, sandbox, fault, monkeypatch, caplog):
    monkeypatch.setattr("vibe.clients.telegram.HASTE", (0.3, 0.3))
    run = asked(watcher)
    sandbox.fault(**fault, service="telegram", path="(?i).*editmessagetext", times=1)
    assert carried_out(run) == "success"
    texts = [text for _method, text in transcript(sandbox)]
    assert sum("▸" in text for text in texts) <= 1
    assert caplog.text.count("is not shown live any more") == 1
    mended()
    send_due(timezone.now)
    assert run.playlist_url in sandbox.chat(chat_of(watcher))[-1]["html"]


def test_a_limit_met_in_a_card_holds_what_else_is_to_be_said(watcher, sandbox):
    run = asked(watcher)
    sandbox.fault("rate_limit", seconds=60, service="telegram", times=1)
    assert carried_out(run) == "success"
    assert ServiceState.objects.filter(service="telegram", blocked_until__gt=timezone.now()).exists()
    assert Outbox.objects.get(kind="playlist").status == "pending"


def test_a_message_that_was_deleted_meanwhile_is_followed_by_a_new_one(watcher, sandbox):
    run = asked(watcher)
    Outbox.objects.update(message_id=987_654)
    assert carried_out(run) == "success"
    assert [text for method, text in transcript(sandbox) if method == SENT and run.playlist_url in text]


def test_a_card_that_was_never_sent_is_said_once_as_the_result(watcher, sandbox):
    """The bot was killed between keeping the answer and sending it."""
    run = asked(watcher, is_sent=False)
    assert carried_out(run) == "success"
    send_due(timezone.now)
    ((method, text),) = transcript(sandbox)
    assert (method, run.playlist_url in text) == (SENT, True)


def test_the_result_waits_for_a_card_that_is_just_being_sent(watcher, sandbox, monkeypatch):
    monkeypatch.setattr("playlists.tasks.LOOK_AGAIN", ())
    run = asked(watcher)
    card = Outbox.objects.filter(kind="progress")
    card.update(status="sending", lease_until=timezone.now() + timedelta(minutes=1))
    assert carried_out(run) == "success"
    assert len(methods(sandbox)) == 1
    card.update(status="sent", lease_until=None)
    mended()
    send_due(timezone.now)
    (row,) = sandbox.chat(chat_of(watcher))
    assert run.playlist_url in row["html"]


def test_a_card_whose_sender_died_holds_the_result_no_longer_than_his_lease(watcher, sandbox, monkeypatch):
    monkeypatch.setattr("playlists.tasks.LOOK_AGAIN", ())
    run = asked(watcher, is_sent=False)
    card = Outbox.objects.filter(kind="progress")
    card.update(status="sending", lease_until=timezone.now() - timedelta(seconds=1))
    assert carried_out(run) == "success"
    send_due(timezone.now)
    (row,) = sandbox.chat(chat_of(watcher))
    assert run.playlist_url in row["html"]
    assert card.get().error_code == "superseded"


def test_a_step_is_edited_at_most_every_second_and_a_half_and_a_new_one_at_once(watcher, sandbox):
    live = watched(asked(watcher), timezone.now)
    assert isinstance(live, Live)
    moment = 1000.0
    live.meter.monotonic = lambda: moment
    sandbox.telegram_calls(clear=True)
    live("connecting")
    live("library")
    live("plays", likes=3, total=3)
    assert len(methods(sandbox)) == 1
    moment += GAP
    live("plays", likes=4, total=4)
    live("asking")
    assert len(methods(sandbox)) == 3
    assert "4 liked tracks read" in transcript(sandbox)[-1][1]


def test_where_much_else_is_to_be_said_the_steps_are_left_out(watcher, sandbox):
    run = asked(watcher)
    sandbox.telegram_calls(clear=True)
    ServiceState.objects.update_or_create(
        service="telegram", family="", defaults={"permits_at": timezone.now() + timedelta(seconds=30)}
    )
    watched(run, timezone.now)("library")
    assert methods(sandbox) == []


def test_nobody_looks_on_at_a_run_that_was_not_asked_for_in_the_bot(watcher):
    run, _ = order(watcher, trigger="admin", now=timezone.now())
    assert not isinstance(watched(run, timezone.now), Live)


def test_the_result_is_said_at_once_though_older_messages_wait(watcher, sandbox):
    run = asked(watcher)
    older = {"run": 1, "day": "2026-11-23", "code": "stale", "params": {}}
    for number in range(20):
        say(number + 1, "failed", f"older{number}", older)
    assert carried_out(run) == "success"
    assert Outbox.objects.get(key=f"run:{run.pk}:done").status == "sent"


def test_a_run_that_has_to_wait_says_so_in_its_card_and_goes_on_there(watcher, sandbox):
    run = asked(watcher)
    sandbox.fault("rate_limit", service="spotify", path="/v1/me/tracks", seconds=3600)
    assert carried_out(run) == "queued"
    (row,) = sandbox.chat(chat_of(watcher))
    assert "has to wait" in row["html"]
    mended()
    PlaylistRun.objects.update(not_before=None)
    assert carried_out(run) == "success"
    (row,) = sandbox.chat(chat_of(watcher))
    assert run.playlist_url in row["html"]


def test_a_failure_takes_the_place_of_the_card(watcher, sandbox):
    sandbox.fault("empty", service="spotify", path="/v1/me/", times=None)
    assert carried_out(asked(watcher)) == "failed"
    (row,) = sandbox.chat(chat_of(watcher))
    assert "There is no new playlist this time" in row["html"]
    assert [button["text"] for line in row["buttons"] for button in line] == ["Try again"]


def test_a_lost_consent_is_told_in_the_card_alone(watcher, sandbox):
    run = asked(watcher)
    watcher.spotify_accounts.update(expires_at=timezone.now() - timedelta(hours=1))
    sandbox.fault("invalid_grant", times=None)
    assert carried_out(run) == "needs_link"
    listen(timezone.now, calls=5)
    send_due(timezone.now)
    (row,) = sandbox.chat(chat_of(watcher))
    assert "must be connected again" in row["html"]
    assert [button["text"] for line in row["buttons"] for button in line] == ["Connect"]


def test_a_second_order_has_a_card_of_its_own(watcher, sandbox):
    for _ in range(2):
        assert carried_out(asked(watcher)) == "success"
    rows = sandbox.chat(chat_of(watcher))
    assert [run.playlist_url in row["html"] for run, row in zip(PlaylistRun.objects.order_by("pk"), rows, strict=True)]


def test_a_preview_whose_worker_died_is_taken_up_again_and_shown(watcher, sandbox):
    run = asked(watcher, dry_run=True)
    long_ago = timezone.now() - timedelta(minutes=5)
    PlaylistRun.objects.update(status="running", attempts=1, lease_until=long_ago, lease_token="dead")
    OrmQ.objects.all().delete()
    tasks.reap()
    assert [ring.task["args"] for ring in OrmQ.objects.all()] == [(run.pk,)]
    assert carried_out(run) == "success"
    (row,) = sandbox.chat(chat_of(watcher))
    assert "A preview: nothing is written yet" in row["html"]


def test_a_preview_that_fails_says_so(watcher, sandbox):
    sandbox.fault("empty", service="spotify", path="/v1/me/", times=None)
    assert carried_out(asked(watcher, dry_run=True)) == "failed"
    (row,) = sandbox.chat(chat_of(watcher))
    assert "There is no preview this time" in row["html"]


def test_a_card_whose_run_was_overtaken_by_a_later_day_says_so(watcher, sandbox):
    old = asked(watcher)
    yesterday = timezone.now().date() - timedelta(days=1)
    PlaylistRun.objects.update(day=yesterday, not_before=timezone.now() + timedelta(hours=5))
    run, _ = order(watcher, trigger="nightly", now=timezone.now(), size=5)
    assert carried_out(run) == "success"
    send_due(timezone.now)
    card, result = sandbox.chat(chat_of(watcher))
    assert "took the place of this one" in card["html"]
    assert run.playlist_url in result["html"]
    old.refresh_from_db()
    assert old.error_code == "superseded"
