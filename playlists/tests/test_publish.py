"""Publishing by processes that die, sleep past their lease, or are answered late: one playlist is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from playlists.generate import generate
from playlists.models import PlaylistRun
from playlists.publish import publish, sweep
from playlists.states import LEASE, LostLease
from playlists.tests.at_spotify import AtSpotify, client_of, finish, make, now, planned, tracks
from vibe.clients.errors import ServiceError
from vibe.clients.http import DEADLINE, TIMEOUT

pytestmark = pytest.mark.usefixtures("warm")

UNDER_WAY = DEADLINE + sum(TIMEOUT)


@pytest.fixture
def at_spotify(sandbox) -> AtSpotify:
    return AtSpotify(sandbox)


class At:
    """Does something once, when a crash point is reached: the harness's own door into a run."""

    def __init__(self, monkeypatch, label: str, act: Callable[[], object]) -> None:
        self.label, self.act, self.reached = label, act, list[str]()
        monkeypatch.setattr("vibe.crash.here", self)

    def __call__(self, label: str) -> None:
        self.reached.append(label)
        if label == self.label and self.reached.count(label) == 1:
            self.act()


class Time:
    """A clock that only sleeping moves on."""

    def __init__(self, wakes: Callable[[], object] = lambda: None) -> None:
        self.at, self.slept, self.wakes = now(), 0.0, wakes

    def __call__(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.slept += seconds
        if seconds > 1:
            self.wakes()


def overtake(listener: User) -> Callable[[], None]:
    """Another process finds the lease over, and carries the run to its end."""

    def other() -> None:
        PlaylistRun.objects.filter(status="running").update(lease_until=now() - timedelta(seconds=1))
        PlaylistRun.objects.exclude(intent_at=None).update(intent_at=now() - LEASE)
        run = generate(User.objects.get(pk=listener.pk), trigger="shell", clock=now, size=5)
        assert run.status == "success"

    return other


@pytest.mark.parametrize("mode", ["fresh", "standing"])
@pytest.mark.parametrize("label", ["intent", "creating", "created", "id_saved", "filled"])
def test_a_process_that_sleeps_past_its_lease_leaves_no_second_playlist(listener, at_spotify, monkeypatch, label, mode):
    User.objects.update(playlist_mode=mode)
    listener.refresh_from_db()
    At(monkeypatch, label, overtake(listener))
    run = make(listener)
    assert (run.status, run.attempts) == ("success", 2)
    assert [one["id"] for one in at_spotify.library()] == [run.playlist_id]
    assert at_spotify.ids(run.playlist_id) == tracks(run)


def test_a_sleepers_playlist_that_is_not_listed_yet_is_taken_away_when_he_wakes(listener, at_spotify, monkeypatch):
    at_spotify.sandbox.fault("playlist_lag", lists=30)
    At(monkeypatch, "created", overtake(listener))
    run = make(listener)
    assert at_spotify.creations() == 2
    assert [one["id"] for one in at_spotify.library()] == [run.playlist_id]


def test_a_sleepers_playlist_stays_while_the_other_may_still_adopt_it(listener, at_spotify, monkeypatch):
    client = client_of(listener)
    run = planned(listener, client, 3)
    At(monkeypatch, "created", lambda: PlaylistRun.objects.update(lease_token="theirs"))
    with pytest.raises(LostLease):
        publish(run, client, now)
    other = PlaylistRun.objects.get(pk=run.pk)
    publish(other, client, now)
    assert [one["id"] for one in at_spotify.library()] == [other.playlist_id]
    assert at_spotify.creations() == 1


@pytest.mark.parametrize("gone_by", [0, 20, 50])
def test_a_request_that_may_be_under_way_is_waited_for(listener, at_spotify, gone_by):
    client = client_of(listener)
    time = Time()
    run = planned(listener, client, 3, intent_at=time.at - timedelta(seconds=gone_by), attempts=2)
    publish(run, client, time, time.sleep)
    assert UNDER_WAY - gone_by <= time.slept < UNDER_WAY - gone_by + 2
    assert len(at_spotify.library()) == 1


def test_what_came_into_being_during_that_wait_is_adopted(listener, at_spotify):
    client = client_of(listener)
    run = planned(listener, client, 3, intent_at=now(), attempts=2)
    time = Time(wakes=lambda: at_spotify.make("Late", f"ref {run.marker}"))
    publish(run, client, time, time.sleep)
    assert [one["id"] for one in at_spotify.library()] == [run.playlist_id]
    assert at_spotify.ids(run.playlist_id) == [track["id"] for track in run.planned]


def test_after_a_lease_has_run_out_nothing_is_waited_for(listener, at_spotify):
    client, time = client_of(listener), Time()
    run = planned(listener, client, 3, intent_at=time.at - LEASE, attempts=2)
    publish(run, client, time, time.sleep)
    assert time.slept < 1
    assert len(at_spotify.library()) == 1


def test_a_playlist_is_found_again_behind_fifty_others(listener, at_spotify):
    client = client_of(listener)
    run = planned(listener, client, 3, intent_at=now() - LEASE, attempts=2)
    made = at_spotify.make("Vibe", f"ref {run.marker}")
    for n in range(55):
        at_spotify.make(f"Mine {n}")
    publish(run, client, now)
    assert run.playlist_id == made


def test_two_that_bear_the_marker_become_one(listener, at_spotify):
    client = client_of(listener)
    run = planned(listener, client, 3, intent_at=now() - LEASE, attempts=2)
    for _ in range(2):
        at_spotify.make("Vibe", f"ref {run.marker}")
    foreign = at_spotify.make("Somebody else's", "ref 0123456789")
    publish(run, client, now)
    assert {one["id"] for one in at_spotify.library()} == {run.playlist_id, foreign}


@pytest.mark.parametrize("written", [2, 5], ids=["half filled", "filled"])
def test_a_retry_doubles_no_track(listener, at_spotify, written):
    client = client_of(listener)
    run = planned(listener, client, 5, attempts=2, intent_at=now() - LEASE)
    made = at_spotify.make("Vibe", f"ref {run.marker}")
    client.add_items(made, [f"spotify:track:{track['id']}" for track in run.planned[:written]])
    PlaylistRun.objects.filter(pk=run.pk).update(playlist_id=made)
    publish(PlaylistRun.objects.get(pk=run.pk), client, now)
    assert at_spotify.ids(made) == [track["id"] for track in run.planned]
    assert ("POST", f"/v1/playlists/{made}/items") not in at_spotify.writes()[-1:]


def test_a_creation_that_broke_off_unseen_is_not_repeated_blindly(listener, at_spotify):
    at_spotify.sandbox.fault("timeout_after_write", mode="drop", path="/v1/me/playlists", method="POST")
    at_spotify.sandbox.fault("playlist_lag", lists=3)
    at_spotify.sandbox.fault("empty", path="/v1/me/playlists", method="GET", times=3)
    client = client_of(listener)
    run = planned(listener, client, 3)
    with pytest.raises(ServiceError, match="unconfirmed"):
        publish(run, client, now)
    assert at_spotify.creations() == 1
    publish(run, client, now, sleep=lambda _seconds: None)
    assert [one["id"] for one in at_spotify.library()] == [run.playlist_id]


def test_an_interruption_while_creating_counts_the_wait_from_there(listener, at_spotify, monkeypatch):
    client, time = client_of(listener), Time()
    run = planned(listener, client, 3)

    def interrupt() -> None:
        time.sleep(100)  # at the limiter, say
        raise SystemExit(143)

    At(monkeypatch, "creating", interrupt)
    with pytest.raises(SystemExit):
        publish(run, client, time, time.sleep)
    run.refresh_from_db()
    assert run.intent_at == time.at


def test_sweeping_never_takes_what_a_later_run_has_filled(listener, at_spotify):
    client = client_of(listener)
    good = planned(listener, client, 3)
    publish(good, client, now)
    finish(good)
    ended: dict[str, Any] = {"status": "failed", "lease_token": "", "intent_at": now()}
    failed = planned(listener, client, 3, **ended, playlist_id=good.playlist_id)
    marked = planned(listener, client, 3, **ended, marker=good.marker)
    bad = planned(listener, client, 3, **ended, playlist_id=at_spotify.make("Half"))
    run = planned(listener, client, 3)
    sweep(run, client)
    assert [one["id"] for one in at_spotify.library()] == [good.playlist_id]
    for row in (failed, marked, bad):
        row.refresh_from_db()
        assert (row.playlist_id, row.intent_at) == ("", None)


def test_sweeping_stops_where_the_run_was_taken_over(listener, at_spotify):
    client = client_of(listener)
    bad = planned(listener, client, 3, status="failed", intent_at=now(), playlist_id=at_spotify.make("Half"))
    run = planned(listener, client, 3)
    PlaylistRun.objects.filter(pk=run.pk).update(lease_token="theirs")
    with pytest.raises(LostLease):
        sweep(run, client)
    assert [one["id"] for one in at_spotify.library()] == [bad.playlist_id]


def test_the_crash_points_come_in_the_order_of_the_table(listener, at_spotify, monkeypatch):
    points = At(monkeypatch, "", lambda: None)
    make(listener)
    order = ["claimed", "planned", "intent", "creating", "created", "id_saved", "filled", "finishing", "finished"]
    assert points.reached == order
