"""Listeners out of the ordinary: each gets the list that can be made for him, or reads why there is none.

docs/odd-listeners.md is the table of these outcomes, and names these tests.
"""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.encryption import seal
from accounts.models import Outbox
from playlists import notes, promise
from playlists.models import PlaylistRun
from playlists.tests.at_spotify import make
from recommendations.library import SLICE
from recommendations.models import LibraryState, SavedTrack
from vibe.sandbox.oddities import is_among
from vibe.tests.sandbox_process import http

LIKES, PLAYS, ITEMS = "/v1/me/tracks", "/v1/me/player/recently-played", "/items"
FOUND = "^(?!/v1/(me|playlists)|/api|/bot)"  # whatever sources and searches ask
ENOUGH = 0.5  # of a list
OWN = {"liked", "forgotten_likes"}


@pytest.fixture
def catalogue(sandbox):
    """Asks the sandbox's Spotify itself."""
    bearer = {"Authorization": f"Bearer {sandbox.lasting_token('demo')}"}

    def ask(path: str, **query) -> dict:
        answer = http().get(f"{sandbox.url}/v1/{path}", params=query, headers=bearer, timeout=10)
        answer.raise_for_status()
        found: dict = answer.json()
        sandbox.calls(clear=True)
        return found

    return ask


@pytest.fixture
def likes(catalogue) -> list[str]:
    return [row["track"]["id"] for row in catalogue("me/tracks", limit=50)["items"]]


@pytest.fixture
def of_kino(catalogue) -> list[str]:
    """Tracks of one artist."""
    found = catalogue("search", q='artist:"Кино"', type="track", limit=10)["tracks"]["items"]
    return [row["id"] for row in found if row["artists"][0]["name"] == "Кино"]


@pytest.fixture
def has(listener, sandbox):
    """Gives the listener these likes and plays at Spotify."""

    def has(likes, plays=()):
        [tokens] = sandbox.crowd(1, likes=list(likes), plays=list(plays)).values()
        account = listener.spotify
        owner = f"{listener.pk}/{account.account_id}"
        account.access_token_sealed = seal(f"{owner}/access", tokens["access_token"])
        account.refresh_token_sealed = seal(f"{owner}/refresh", tokens["refresh_token"])
        account.save()
        return listener

    return has


def always(sandbox, kind: str, path: str, **options) -> None:
    sandbox.fault(kind, path=path, times=None, **options)


def by_artist(run: PlaylistRun) -> Counter[str]:
    return Counter(track.artists for track in run.tracks.all())


def sources(run: PlaylistRun) -> set[str]:
    return set(run.tracks.values_list("source", flat=True))


def says(run: PlaylistRun, language: str) -> str:
    with translation.override(language):
        return notes.sentence(run.error_code, run.error_params)


def is_told(run: PlaylistRun) -> bool:
    """What gave way stands in the message too, each in words."""
    payload = Outbox.objects.get(kind="playlist").payload
    return payload["promise"]["relaxations"] == run.relaxations and all(
        notes.relaxation(code) != code for code in run.relaxations
    )


def is_whole(run: PlaylistRun, size: int) -> bool:
    return (run.status, run.total) == ("success", size) and run.tracks.count() == size


# Little to go by


def test_neither_likes_nor_plays(has, sandbox):
    run = make(has([]))
    assert (run.status, run.error_code, run.playlist_id) == ("failed", "no_taste", "")
    assert "Like a few tracks in Spotify" in says(run, "en")
    assert "Добавьте в Spotify несколько треков" in says(run, "ru")
    assert Outbox.objects.get(kind="failed").payload["code"] == "no_taste"
    assert {call["path"] for call in sandbox.calls("spotify")} == {LIKES, PLAYS}


@pytest.mark.parametrize("is_play", [False, True])
def test_one_like_or_one_play(has, likes, is_play):
    one = likes[:1]
    run = make(has([], one) if is_play else has(one), size=20)
    assert is_whole(run, 20)
    assert run.new == 20
    assert set(run.relaxations) <= {"spacing", "artist_cap"}
    assert is_told(run)
    assert all(track.reason for track in run.tracks.all())


def test_one_artist_only(has, of_kino):
    run = make(has(of_kino), size=30)
    assert is_whole(run, 30)
    assert run.new >= 0.8 * 30
    assert len(run.ledger.read()["seeds"]) == 4
    assert max(by_artist(run).values()) <= 2
    assert "artist_cap" not in run.relaxations
    by_others = run.tracks.exclude(artists="Кино")
    near = {"lastfm_similar_tracks", "lastfm_similar_artists", "lastfm_tags"}
    assert set(by_others.values_list("source", flat=True)) <= near
    assert is_told(run)


def test_one_artist_only_and_no_source_that_knows_others(has, of_kino, sandbox):
    always(sandbox, "empty", "^/2.0/")
    run = make(has(of_kino[:4]), size=30)
    assert run.status == "success"
    assert by_artist(run).keys() == {"Кино"}
    assert 4 <= run.total < 30
    assert {"spacing", "artist_cap", "short"} <= set(run.relaxations)
    assert is_told(run)


# Nothing but what can't be recommended


def test_podcasts_local_files_and_withdrawn_tracks_only(listener, sandbox):
    for path in (LIKES, PLAYS):
        always(sandbox, "odd_rows", path, only=True)
    run = make(listener)
    assert (run.status, run.error_code) == ("failed", "no_music")
    assert run.report["likes"]["read"] == 0 < run.report["likes"]["total"]
    assert "podcasts" in says(run, "en")
    sandbox.clear_faults()
    assert make(listener).status == "success"


@pytest.mark.parametrize(("odd", "other"), [(LIKES, "plays"), (PLAYS, "likes")])
def test_podcasts_among_likes_or_among_plays_leave_the_other_to_go_by(listener, sandbox, odd, other):
    always(sandbox, "odd_rows", odd, only=True)
    run = make(listener, size=10)
    assert is_whole(run, 10)
    assert run.report[other]["added"] > 0
    assert (run.report["likes"]["added"] > 0) == (other == "likes")


def test_rows_that_can_not_be_kept_are_not_read_again_every_day(listener, sandbox):
    always(sandbox, "odd_rows", LIKES, only=True)
    make(listener)
    sandbox.calls(clear=True)
    make(listener, force=True)
    assert sum(call["path"] == LIKES for call in sandbox.calls("spotify")) == 1


# A market where most is unplayable


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_market_where_much_is_unplayable_gets_a_list_of_what_is(listener, sandbox, share):
    sandbox.fault("unplayable", times=None, share=share)
    run = make(listener, size=20)
    assert is_whole(run, 20)
    assert run.new >= 0.8 * 20
    assert set(run.tracks.values_list("spotify_track_id", flat=True)).isdisjoint(unplayable(run, share))


def unplayable(run: PlaylistRun, share: float) -> set[str]:
    new = run.tracks.filter(is_new_to_bot=True).values_list("spotify_track_id", flat=True)
    return {track_id for track_id in new if is_among(track_id, share)}


def test_a_market_without_anything_falls_back_to_likes_and_says_why(listener, sandbox):
    sandbox.fault("unplayable", times=None)
    run = make(listener, size=20)
    assert is_whole(run, 20)
    assert run.new == 0
    assert sources(run) <= OWN
    assert run.relaxations[:2] == ["min_new_ratio", "not_at_spotify"]
    assert is_told(run)


def test_tracks_that_spotify_does_not_keep_leave_the_list_and_it_says_so(listener, sandbox):
    always(sandbox, "not_kept", ITEMS, share=0.3)
    run = make(listener, size=20)
    assert run.status == "success"
    assert 20 * ENOUGH <= run.total < 20
    [written] = [one for one in sandbox.state()["playlists"] if one["id"] == run.playlist_id]
    assert [track["id"] for track in written["tracks"]] == [track.spotify_track_id for track in run.tracks.all()]
    assert run.relaxations[-2:] == ["short", "not_kept"]
    assert is_told(run)


def test_a_list_of_which_less_than_half_is_kept_is_taken_away_again(listener, sandbox):
    always(sandbox, "not_kept", ITEMS, share=0.8)
    before = len(sandbox.state()["playlists"])
    run = make(listener, size=20)
    assert (run.status, run.error_code) == ("queued", "incomplete")
    assert [one for one in sandbox.state()["playlists"][before:] if one["followed"]] == []


# Sources


@pytest.mark.parametrize(
    ("alive", "expected"),
    [
        ("/2.0/track.getSimilar|/v1/search", {"lastfm_similar_tracks", "spotify_search"}),
        ("/2.0/artist.get(Similar|TopTracks)|/v1/search", {"lastfm_similar_artists", "lastfm_top_tracks"}),
        ("/2.0/artist.getTopTracks|/v1/search", {"lastfm_top_tracks", "spotify_search"}),
        ("/v1/search", {"spotify_search"}),
        ("/v1/(artists|albums)", {"spotify_albums"}),
    ],
)
def test_all_sources_empty_but_one(listener, sandbox, alive, expected):
    """The search stays where names have to be looked up, and is a source itself."""
    always(sandbox, "not_found", "/v1/artists/.*/top-tracks")
    always(sandbox, "empty", f"{FOUND}(?!{alive})")
    run = make(listener, size=20)
    assert is_whole(run, 20)
    assert run.new > 0
    assert sources(run) <= expected | OWN
    assert sources(run) & expected
    assert ("min_new_ratio" in run.relaxations) == (run.new < 0.8 * 20)
    assert is_told(run)


def test_all_sources_empty_fall_back_to_likes_and_say_so(listener, sandbox):
    always(sandbox, "empty", FOUND)
    run = make(listener, size=20)
    assert is_whole(run, 20)
    assert run.new == 0
    assert sources(run) <= OWN
    assert run.relaxations == ["min_new_ratio"]
    assert all(track.why for track in run.tracks.all())


def test_all_sources_empty_and_one_like_give_a_list_of_one_that_says_it_is_short(has, likes, sandbox):
    always(sandbox, "empty", FOUND)
    run = make(has(likes[:1]), size=20)
    assert [track.spotify_track_id for track in run.tracks.all()] == likes[:1]
    assert run.relaxations == ["min_new_ratio", "short"]
    assert is_told(run)


def test_no_source_answers_and_no_like_is_left_ends_without_a_playlist(has, likes, sandbox):
    """What was played lately is never given."""
    always(sandbox, "empty", FOUND)
    run = make(has([], likes[:3]), size=20)
    assert (run.status, run.error_code, run.playlist_id) == ("failed", "nothing_found", "")


@pytest.mark.parametrize(("others", "told"), [(True, "sources_silent"), (False, "extras_silent")])
def test_a_list_that_lacks_new_tracks_says_that_a_source_was_silent(listener, sandbox, settings, others, told):
    settings.RECCOBEATS = others
    sandbox.fault("server_error", service="lastfm", status=503, times=None)
    always(sandbox, "empty", "/(v1|reccobeats/v1)/(search|artists|albums|track)")
    run = make(listener, size=20)
    assert is_whole(run, 20)
    assert run.relaxations == ["min_new_ratio", told]


@pytest.mark.parametrize("kind", ["server_error", "malformed"])
def test_a_full_list_found_with_spotify_alone_says_so_where_others_should_have_helped(
    listener, sandbox, settings, kind
):
    settings.LISTENBRAINZ = settings.DEEZER = settings.RECCOBEATS = True
    for service in ("lastfm", "listenbrainz", "listenbrainz_labs", "musicbrainz", "deezer", "reccobeats"):
        sandbox.fault(kind, service=service, times=None)
    run = make(listener, size=10)
    assert is_whole(run, 10)
    assert "extras_silent" in run.relaxations
    assert notes.relaxation("extras_silent") in promise.sentences(promise.figures(run))


def test_one_service_beside_spotify_that_answers_is_enough(listener, sandbox, settings):
    settings.LISTENBRAINZ = settings.DEEZER = settings.RECCOBEATS = True
    for service in ("lastfm", "listenbrainz", "listenbrainz_labs", "musicbrainz", "deezer"):
        sandbox.fault("server_error", service=service, times=None)
    assert "extras_silent" not in make(listener, size=10).relaxations


def test_a_list_of_an_installation_without_any_other_service_has_nothing_to_say_of_them(listener, settings):
    settings.LASTFM_API_KEY = ""
    assert "extras_silent" not in make(listener, size=10).relaxations


# Twenty thousand likes


def test_the_first_list_of_20_000_likes_reads_a_slice_and_the_next_ones_go_on(has, likes, sandbox):
    listener = has(likes[:1] + [key for key in likes for _ in range(400)], likes)
    sandbox.calls(clear=True)
    first = make(listener, size=10)
    assert is_whole(first, 10)
    assert (first.report["likes"]["total"], first.report["likes"]["complete"]) == (20_001, False)
    assert first.report["calls"]["spotify/library"] == SLICE // 50
    make(listener, size=10, force=True)
    assert SLICE < (LibraryState.objects.get().next_offset or 0) <= 2 * SLICE


def test_20_000_likes_cost_no_more_queries_than_200(listener, sandbox, warm):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert is_whole(make(listener, size=10, force=True), 10)
        # A slow machine renews the hold on the run more often: that goes by the clock and not by the library.
        return sum("lease_until" not in query["sql"] for query in captured)

    make(listener, size=10)
    few = queries()
    known = SavedTrack.objects.select_related("account").first()
    assert known is not None
    rows = [
        SavedTrack(
            account=known.account, spotify_track_id=f"more{n:018}", match_key=f"band{n % 3_000} | song{n}",
            name=f"Song {n}", artists=[["", f"Band {n % 3_000}"]], added_at=known.added_at, seen_at=known.seen_at,
        )
        for n in range(20_000)
    ]  # fmt: skip
    SavedTrack.objects.bulk_create(rows)
    LibraryState.objects.update(surplus=-20_000)
    assert (
        queries() <= few + 20
    )  # what is asked together depends on which answer comes first; 300 likes a query were 67
