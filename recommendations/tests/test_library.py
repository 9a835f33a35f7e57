"""Likes and plays are read from a pretend library served under spotipy's HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from recommendations.library import FRESH, PAGES_A_RUN, sync_likes, sync_plays
from recommendations.models import LibraryState, Play, SavedTrack
from vibe.clients.errors import ServiceError
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Pretend:
    """Someone's library at Spotify: `likes` newest first, as numbers; None is a row that can't be kept."""

    def __init__(self, client_mock: responses.RequestsMock) -> None:
        self.likes: list[int | None] = []
        self.plays: list[tuple[int, datetime]] = []
        self.failing_from: int | None = None
        self.calls = 0
        client_mock.add_callback(responses.GET, re.compile(r".*/me/tracks"), self.tracks)
        client_mock.add_callback(responses.GET, re.compile(r".*/me/player/recently-played"), self.recent)

    def tracks(self, request):
        self.calls += 1
        offset = int(parse_qs(urlsplit(request.url).query)["offset"][0])
        if self.failing_from is not None and offset >= self.failing_from:
            return 503, {}, "<html>busy</html>"
        page = self.likes[offset : offset + 50]
        items = [{"added_at": self.added(n), "track": track(n)} for n in page]
        return 200, {}, json.dumps({"items": items, "total": len(self.likes), "limit": 50, "offset": offset})

    def recent(self, request):
        items = [{"played_at": at.isoformat(), "track": track(n), "context": None} for n, at in self.plays[:50]]
        return 200, {}, json.dumps({"items": items, "limit": 50})

    @staticmethod
    def added(n: int | None) -> str:
        return (NOW - timedelta(days=2000) + timedelta(hours=n or 0)).isoformat()


def track(n: int | None):
    if n is None:
        return None
    artist = {"id": f"artist{n % 7}", "name": f"Artist {n % 7}", "type": "artist"}
    return {
        "id": f"track{n}",
        "type": "track",
        "name": f"Song {n}",
        "artists": [artist],
        "album": {"id": "al", "name": "Album"},
        "duration_ms": 200_000,
        "external_ids": {"isrc": f"GBAAA26{n:05}"},
        "is_local": False,
    }


@pytest.fixture
def spotify() -> Iterator[Pretend]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Pretend(mock)


@pytest.fixture
def client() -> SpotifyClient:
    return SpotifyClient("token", Meter(timezone.now, {}))


@pytest.fixture
def account(alice: User):
    return alice.spotify


def kept(account) -> set[str]:
    return set(SavedTrack.objects.filter(account=account, removed_at=None).values_list("spotify_track_id", flat=True))


def read_all(account, client) -> None:
    while not sync_likes(account, client, NOW).complete:
        pass


def test_a_small_library_is_read_whole(account, client, spotify):
    spotify.likes = list(range(120, 0, -1))
    report = sync_likes(account, client, NOW)
    assert (report.added, report.read, report.total, report.complete) == (120, 120, 120, True)
    assert spotify.calls == 3
    assert SavedTrack.objects.get(spotify_track_id="track7").isrc == "GBAAA2600007"


def test_an_empty_library_is_complete(account, client, spotify):
    report = sync_likes(account, client, NOW)
    assert (report.read, report.complete, spotify.calls) == (0, True, 1)


def test_a_large_library_is_read_in_slices_without_reading_anything_twice(account, client, spotify):
    spotify.likes = list(range(1000, 0, -1))
    first = sync_likes(account, client, NOW)
    assert (first.read, first.total, first.complete) == (PAGES_A_RUN * 50, 1000, False)
    read_all(account, client)
    assert len(kept(account)) == 1000
    assert spotify.calls <= 1000 / 50 + 1000 / (PAGES_A_RUN - 1) / 50 + 1  # a page a run looks for what is new


def test_a_library_that_may_be_read_at_once_takes_a_call_a_page(account, client, spotify):
    spotify.likes = list(range(2000, 0, -1))
    assert sync_likes(account, client, NOW, pages=1000).complete
    assert (spotify.calls, len(kept(account))) == (40, 2000)


def test_a_month_after_the_last_one_the_library_is_read_anew_and_keeps_its_names_fresh(account, client, spotify):
    spotify.likes = list(range(600, 0, -1))
    read_all(account, client)
    SavedTrack.objects.update(name="")
    later = NOW + FRESH + timedelta(hours=1)
    spotify.calls = 0
    sync_likes(account, client, later)
    assert spotify.calls == PAGES_A_RUN
    for _ in range(3):
        sync_likes(account, client, later + timedelta(days=1))
    assert not SavedTrack.objects.filter(name="").exists()
    spotify.calls = 0
    assert sync_likes(account, client, later + timedelta(days=2)).complete
    assert spotify.calls == 1


def test_a_finished_library_costs_one_call(account, client, spotify):
    spotify.likes = list(range(300, 0, -1))
    read_all(account, client)
    spotify.calls = 0
    spotify.likes.insert(0, 301)
    report = sync_likes(account, client, NOW)
    assert (report.added, report.read, spotify.calls) == (1, 301, 1)


def test_a_finished_library_whose_newest_pages_hold_no_music_costs_one_call(account, client, spotify):
    spotify.likes = [*[None] * 120, *range(100, 0, -1)]
    read_all(account, client)
    spotify.calls = 0
    assert sync_likes(account, client, NOW).complete
    assert spotify.calls == 1
    spotify.likes.insert(120, 101)
    assert sync_likes(account, client, NOW).added == 1


def test_more_new_likes_than_a_page_are_all_found(account, client, spotify):
    spotify.likes = list(range(100, 0, -1))
    read_all(account, client)
    spotify.likes = [*range(220, 100, -1), *spotify.likes]
    report = sync_likes(account, client, NOW)
    assert (report.added, report.read) == (120, 220)


def test_more_new_likes_than_a_run_may_read_are_found_by_the_next_runs(account, client, spotify):
    spotify.likes = list(range(100, 0, -1))
    read_all(account, client)
    spotify.likes = [*range(600, 100, -1), *spotify.likes]
    assert not sync_likes(account, client, NOW).complete
    read_all(account, client)
    assert kept(account) == {f"track{n}" for n in range(1, 601)}


def test_likes_added_between_two_slices_do_not_hide_older_ones(account, client, spotify):
    spotify.likes = list(range(500, 0, -1))
    sync_likes(account, client, NOW)
    spotify.likes = [503, 502, 501, *spotify.likes]
    read_all(account, client)
    assert kept(account) == {f"track{n}" for n in range(1, 504)}


def test_likes_removed_between_two_slices_do_not_hide_older_ones(account, client, spotify):
    spotify.likes = list(range(500, 0, -1))
    sync_likes(account, client, NOW)
    del spotify.likes[10:20]
    read_all(account, client)
    later = NOW + timedelta(days=1)
    while not sync_likes(account, client, later).complete:
        pass
    assert kept(account) == {f"track{n}" for n in spotify.likes}


def test_a_removed_like_is_noticed_and_a_returned_one_too(account, client, spotify):
    spotify.likes = list(range(100, 0, -1))
    read_all(account, client)
    spotify.likes.remove(40)
    report = sync_likes(account, client, NOW + timedelta(days=1))
    assert report.removed == 1
    assert "track40" not in kept(account)
    spotify.likes.insert(0, 40)
    assert sync_likes(account, client, NOW + timedelta(days=2)).added == 1
    assert "track40" in kept(account)


def test_rows_that_cannot_be_kept_do_not_start_a_new_reading_each_day(account, client, spotify):
    spotify.likes = [*range(60, 0, -1), None, None]
    read_all(account, client)
    spotify.calls = 0
    assert sync_likes(account, client, NOW + timedelta(days=1)).complete
    assert spotify.calls == 1


def test_an_answer_that_is_suddenly_empty_removes_nothing(account, client, spotify):
    spotify.likes = list(range(30, 0, -1))
    read_all(account, client)
    spotify.likes = []
    assert sync_likes(account, client, NOW + timedelta(days=1)).removed == 0
    assert len(kept(account)) == 30


def test_what_was_read_before_a_failure_is_kept_and_the_reading_goes_on(account, client, spotify, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    spotify.likes = list(range(200, 0, -1))
    spotify.failing_from = 100
    with pytest.raises(ServiceError):
        sync_likes(account, client, NOW)
    assert len(kept(account)) == 100
    assert LibraryState.objects.get(account=account).next_offset == 100
    spotify.failing_from = None
    read_all(account, client)
    assert len(kept(account)) == 200


def test_queries_do_not_grow_with_the_library(account, client, spotify):
    def queries(likes: int) -> int:
        LibraryState.objects.all().delete()
        SavedTrack.objects.all().delete()
        spotify.likes = list(range(likes, 0, -1))
        read_all(account, client)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            sync_likes(account, client, NOW)
        return len(captured)

    assert queries(100) == queries(3000)


def test_plays_are_kept_once(account, client, spotify):
    spotify.plays = [(n, NOW - timedelta(minutes=4 * n)) for n in range(10)]
    assert sync_plays(account, client, NOW).added == 10
    spotify.plays.insert(0, (1, NOW + timedelta(minutes=4)))
    report = sync_plays(account, client, NOW)
    assert (report.added, report.gap) == (1, False)
    assert Play.objects.count() == 11


def test_fifty_plays_without_one_known_leave_a_gap_that_is_recorded(account, client, spotify):
    spotify.plays = [(n, NOW - timedelta(days=3, minutes=n)) for n in range(50)]
    assert not sync_plays(account, client, NOW).gap  # the first reading misses nothing
    spotify.plays = [(n, NOW - timedelta(minutes=n)) for n in range(50)]
    assert sync_plays(account, client, NOW).gap
    assert LibraryState.objects.get(account=account).plays_gap_at == NOW - timedelta(minutes=49)


def test_fifty_plays_that_reach_back_to_a_known_one_leave_no_gap(account, client, spotify):
    spotify.plays = [(n, NOW - timedelta(minutes=n)) for n in range(50)]
    sync_plays(account, client, NOW)
    spotify.plays = [(n + 100, NOW + timedelta(minutes=49 - n)) for n in range(49)] + spotify.plays[:1]
    assert not sync_plays(account, client, NOW).gap
