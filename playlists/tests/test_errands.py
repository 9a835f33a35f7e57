"""What a listener asks for beside a playlist, from his command to the answer in its place."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import Outbox, SpotifyAccount, User
from accounts.outbox import say, send_due
from botapp.tests.listener import Said, says, shown
from botapp.tests.playlist import listener as let_in
from playlists import errands
from playlists.models import PlaylistRun
from playlists.publish import publish
from playlists.states import LEASE
from playlists.tests.at_spotify import AtSpotify, client_of, finish, now, planned, tracks
from recommendations.models import LibraryState, RecommendationHistory, SavedTrack


@pytest.fixture
def user(listener) -> User:
    return let_in(listener)


def rings() -> list[tuple[str, tuple]]:
    """What the queue holds: (task, arguments)."""
    return [(row.task["func"], row.task["args"]) for row in OrmQ.objects.order_by("pk")]


def work() -> Said:
    """Carries out what the queue holds and answers the last that was said."""
    for task, arguments in rings():
        getattr(errands, task.rpartition(".")[2])(*arguments)
    OrmQ.objects.all().delete()
    return shown(7)[-1]


def sent(message_id: int = 55) -> None:
    Outbox.objects.filter(status="pending").update(status="sent", attempts=1, message_id=message_id)


def test_sync_reads_the_likes_and_says_what_has_changed(user, sandbox):
    says(7, "/sync")
    sent()
    said = work()
    likes = SavedTrack.objects.count()
    assert (said.kind, said.edits) == ("sync", 55)
    assert f"{likes} tracks were added" in said.html
    assert f"{likes} tracks in all" in said.html
    assert {call["path"] for call in sandbox.calls("spotify")} == {"/v1/me/tracks"}
    says(7, "/sync")
    sent()
    assert "Nothing was added. Nothing was removed." in work().html
    assert not PlaylistRun.objects.exists()


def test_a_first_answer_that_was_not_said_yet_becomes_the_result(user, sandbox):
    says(7, "/sync")
    said = work()
    assert [message.kind for message in shown(7)] == ["sync"]
    assert said.edits is None
    assert errands.is_under_way(7, "sync_begun", timezone.now()) is False


def test_a_task_that_comes_again_says_nothing_twice(user, sandbox):
    says(7, "/sync")
    sent()
    ((_task, arguments),) = rings()
    errands.sync(*arguments)
    errands.sync(*arguments)
    assert [message.kind for message in shown(7)] == ["sync_begun", "sync"]


def test_a_huge_library_is_read_in_parts_and_says_so(user, sandbox, monkeypatch):
    monkeypatch.setattr("playlists.errands.PAGES", 2)
    says(7, "/sync")
    said = work()
    total = LibraryState.objects.get().total
    assert total > 100
    assert f"So far 100 of {total} tracks" in said.html
    assert "/sync" in said.html


def test_the_days_calls_that_lists_need_are_left_to_them(user, sandbox, settings):
    settings.SPOTIFY_DAILY_CALLS = 20
    user.nightly_at = timezone.now().time()
    user.save()
    says(7, "/sync")
    said = work()
    assert said.kind == "sync"
    assert len(sandbox.calls("spotify")) <= 20 // errands.SHARE + 1
    settings.SPOTIFY_DAILY_CALLS = 1
    says(7, "/sync")
    sandbox.calls(clear=True)
    assert "takes no calls of ours until" in work().html
    assert sandbox.calls("spotify") == []


def test_while_a_playlist_is_being_made_it_is_not_disturbed(user, sandbox):
    PlaylistRun.objects.create(
        user=user, status="running", lease_until=timezone.now() + LEASE, day=now().date(), created_at=now(),
        size_asked=5, min_new_ratio=0.8,
    )  # fmt: skip
    says(7, "/sync")
    assert "is being worked on" in work().html
    assert PlaylistRun.objects.count() == 1


def test_a_limit_is_told_with_its_hour(user, sandbox):
    sandbox.fault("rate_limit", path="/v1/me/tracks", seconds=3600, times=None)
    says(7, "/sync")
    until = timezone.now() + timedelta(hours=1)
    said = work()
    assert "takes no calls of ours until" in said.html
    assert f"{until:%H:}" in said.html
    assert not PlaylistRun.objects.exists()


def test_trouble_at_spotify_is_told_in_a_sentence(user, sandbox):
    sandbox.fault("server_error", path="/v1/me/tracks", status=503, times=None)
    says(7, "/sync")
    assert "That did not work" in work().html


def test_a_consent_that_is_gone_leads_to_connecting(user, sandbox):
    SpotifyAccount.objects.update(needs_reconnect=True)
    says(7, "/sync")
    said = work()
    assert "Connect" in said.labels


@pytest.mark.parametrize("gone", ["account", "user", "blocked"])
def test_who_has_left_meanwhile_gets_no_result(user, sandbox, gone):
    says(7, "/sync")
    sent()
    ((_task, arguments),) = rings()
    if gone == "account":
        user.spotify.delete()
    elif gone == "user":
        user.delete()
    else:
        User.objects.update(is_bot_blocked=True)
    errands.sync(*arguments)
    assert [message.kind for message in shown(7)] == ["sync_begun", *(["sync"] if gone == "account" else [])]
    assert SavedTrack.objects.exists() == (gone == "blocked")


@pytest.fixture
def days(user, sandbox) -> list[PlaylistRun]:
    """Three days of a standing playlist."""
    AtSpotify(sandbox)
    let_in(user, playlist_mode="standing")
    client = client_of(user)
    runs = []
    for first in (0, 10, 20):
        run = planned(user, client, 4, first=first)
        publish(run, client, now)
        runs.append(finish(run))
    sent()
    return runs


def test_undo_brings_the_tracks_before_the_latest_back(user, sandbox, days):
    at_spotify, history = AtSpotify.__new__(AtSpotify), RecommendationHistory.objects.count()
    at_spotify.sandbox = sandbox
    for _time in range(2):  # pressing again is harmless
        says(7, "/undo")
        sent()
        said = work()
        assert (said.kind, said.edits) == ("undo", 55)
        assert "4 tracks" in said.html
        assert at_spotify.ids(days[0].playlist_id) == tracks(days[1])
    assert [b.url for b in said.buttons] == [days[0].playlist_url]
    assert RecommendationHistory.objects.count() == history


def test_an_undo_that_fails_says_so(user, sandbox, days):
    sandbox.fault("server_error", path="/v1/playlists/[^/]+/items", status=503, times=None)
    says(7, "/undo")
    assert "That did not work" in work().html
    assert not PlaylistRun.objects.filter(status="running").exists()


def test_the_queue_is_told_ids_alone(user, sandbox):
    says(7, "/sync")
    ((task, arguments),) = rings()
    assert task == "playlists.errands.sync"
    assert json.loads(json.dumps(arguments)) == [user.pk, Outbox.objects.get().key]


def test_the_result_takes_the_place_of_the_first_answer_in_the_chat(user, sandbox, settings):
    chat = 90_001
    let_in(user, telegram_chat_id=chat)
    say(chat, "sync_begun", "first", {})
    errands.ask("sync", "first", user)
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    send_due(timezone.now)
    ((_task, arguments),) = rings()
    errands.sync(*arguments)
    (message,) = [one for one in sandbox.state()["messages"] if one["chat_id"] == chat]
    assert "tracks in all" in message["text"]


def test_the_export_reaches_the_chat_as_a_file(user, sandbox, settings):
    chat = 90_002
    let_in(user, telegram_chat_id=chat)
    says(chat, "/export")
    settings.TELEGRAM_BOT_TOKEN = "123456:a-token"
    assert send_due(timezone.now) == {"sent": 1}
    (call,) = [call for call in sandbox.calls("telegram") if call["path"].endswith("/sendDocument")]
    assert call["status"] == 200
    assert "file" not in Outbox.objects.get().payload
