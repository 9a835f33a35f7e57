"""Runs that were under way when a backup was made, and ended after it: what becomes of their playlists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import User
from playlists import restored
from playlists.generate import perform
from playlists.models import PlaylistRun
from playlists.request import request
from playlists.tests.at_spotify import AtSpotify, make, now, on_day

pytestmark = pytest.mark.usefixtures("warm")


@pytest.fixture
def at_spotify(sandbox) -> AtSpotify:
    return AtSpotify(sandbox)


@pytest.fixture
def unfinished(listener, at_spotify) -> PlaylistRun:
    """By its row; its playlist is at Spotify."""
    run = make(listener)
    PlaylistRun.objects.filter(pk=run.pk).update(
        status="queued", plan=None, intent_at=None, playlist_id="", attempts=2, finished_at=None
    )
    run.tracks.all().delete()
    restored.settle(now())
    run.refresh_from_db()
    return run


def test_it_ends_and_says_why(unfinished):
    assert (unfinished.status, unfinished.error_code, unfinished.attempts) == ("failed", "restored", 0)
    assert "backup" in unfinished.notes


def test_who_asks_for_it_again_gets_the_playlist_that_is_there(unfinished, listener, at_spotify):
    run, _ours = request(listener, trigger="bot", now=now())
    assert run.pk == unfinished.pk
    assert perform(run, now).status == "success"
    assert at_spotify.creations() == 1
    assert [one["id"] for one in at_spotify.library()] == [run.playlist_id]


def test_the_next_day_does_not_take_its_playlist_away(unfinished, listener, at_spotify, sandbox):
    (there,) = at_spotify.library()
    assert make(listener, on_day(sandbox, 1)).status == "success"
    assert there["id"] in [one["id"] for one in at_spotify.library()]
    assert len(at_spotify.library()) == 2


def test_a_standing_playlist_that_is_known_stays_the_only_one(listener, at_spotify):
    listener.playlist_mode = User.Mode.STANDING
    listener.save()
    first = make(listener)
    row = {"trigger": "nightly", "day": first.day + timedelta(days=1), "created_at": now(), "size_asked": 5}
    run = PlaylistRun.objects.create(user=listener, min_new_ratio=0.5, mode="standing", **row)
    restored.settle(now())
    run.refresh_from_db()
    assert run.intent_at is None
    run.revive(now(), {})
    run.refresh_from_db()
    assert perform(run, now).playlist_id == first.playlist_id
    assert at_spotify.creations() == 1
