"""Lists made of ListenBrainz's word, against the sandbox: no key of Last.fm, nothing recommended by Spotify."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from accounts.models import User
from playlists.generate import generate
from playlists.models import PlaylistRun
from recommendations.models import RecommendationHistory, ResolvedTrack, SourceCache

SOURCES = {"listenbrainz_artist_radio", "listenbrainz_similar_recordings"}
SPOTIFY_ROUTES = ("artist_albums", "album_tracks", "artist_top_tracks", "recommendations")


@pytest.fixture
def alone(listener: User, settings) -> User:
    """A listener of an installation that has ListenBrainz and nothing else to ask."""
    settings.LASTFM_API_KEY, settings.LISTENBRAINZ = "", True
    return listener


def now() -> datetime:
    return datetime.now(UTC)


def same(moment: datetime) -> datetime:
    return moment


def make(user: User, **options) -> PlaylistRun:
    return generate(user, **{"trigger": "shell", **options}, clock=now)


def calls(run: PlaylistRun) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in run.report["calls"].items():
        found[name.partition("/")[0]] += count
    return found


def reports(run: PlaylistRun) -> dict[str, dict]:
    return {source["source"]: source for source in run.report["sources"]}


def without_other_routes(sandbox) -> None:
    """As if Spotify had taken away the last route by which one finds what one does not know the name of."""
    for path in ("/v1/artists/", "/v1/albums/"):
        sandbox.fault("forbidden", path=path, times=None)
    sandbox.fault("empty", path="/v1/search", times=None)


def test_listenbrainz_alone_makes_a_full_list_of_new_tracks(alone, sandbox):
    without_other_routes(sandbox)
    run = make(alone)
    assert (run.status, run.total) == ("success", 30)
    assert (run.novelty or 0) >= 0.8
    new = run.tracks.filter(is_new_to_bot=True)
    assert {track.source for track in new} <= SOURCES
    assert all(track.reason["because"] for track in new)
    assert calls(run)["spotify"] <= 60
    assert not sandbox.calls("lastfm")


def test_the_calls_of_a_run_stay_within_bounds_and_the_next_run_goes_on_from_there(alone, sandbox):
    first, second = make(alone), make(alone, force=True)
    assert calls(first)["musicbrainz"] == 20
    assert 0 < calls(second)["musicbrainz"] <= 20
    assert calls(second)["listenbrainz"] == 0
    asked = [call["path"] for call in sandbox.calls("musicbrainz")]
    assert len(asked) == len(set(asked))


def test_a_week_of_lists_keeps_its_promise_within_spotifys_budget(alone, sandbox):
    without_other_routes(sandbox)
    start, seen = now(), set[str]()
    for day in range(7):
        moment = start + timedelta(days=day)
        sandbox.set_clock(moment)
        run = generate(alone, trigger="shell", clock=partial(same, moment))
        assert (run.status, run.total) == ("success", 30)
        assert (run.novelty or 0) >= 0.8, f"day {day}: {run.new}"
        assert calls(run)["spotify"] <= (60 if day == 0 else 30)
        new = {track.spotify_track_id for track in run.tracks.filter(is_new_to_bot=True)}
        assert seen.isdisjoint(new)
        seen |= new


def forget() -> None:
    for model in (PlaylistRun, SourceCache, ResolvedTrack):
        model.objects.all().delete()


def test_the_same_day_gives_the_same_list(alone, sandbox):
    make(alone, dry_run=True, force=True)  # from now on it is known which routes are gone
    forget()
    lists = []
    for _ in range(2):
        lists.append([track.spotify_track_id for track in make(alone, dry_run=True, force=True).tracks.all()])
        forget()
    assert lists[0] == lists[1]


def test_most_names_become_ids_without_a_search(alone, sandbox):
    without_other_routes(sandbox)
    run = make(alone)
    assert run.report["calls"]["listenbrainz_labs/spotify_ids"] <= 3
    found = ResolvedTrack.objects.exclude(track=None).count()
    assert found > 20  # although every search was empty


def test_where_last_fm_answers_too_its_names_are_not_searched_either(listener, sandbox, settings):
    without = make(listener, dry_run=True, force=True)
    searches = without.report["calls"]["spotify/search"]
    ResolvedTrack.objects.all().delete()
    settings.LISTENBRAINZ = True
    both = make(listener, dry_run=True, force=True)
    assert both.report["calls"].get("spotify/search", 0) < searches / 2
    assert both.total == without.total == 30


@pytest.mark.parametrize("service", ["listenbrainz", "listenbrainz_labs", "musicbrainz"])
@pytest.mark.parametrize(
    "fault",
    [{"kind": "server_error", "status": 503}, {"kind": "malformed"}, {"kind": "rate_limit", "seconds": 3600}],
    ids=["down", "malformed", "limited"],
)
def test_no_failure_of_theirs_fails_a_run(alone, sandbox, service, fault):
    kind = fault["kind"]
    sandbox.fault(kind, service=service, times=None, **{key: value for key, value in fault.items() if key != "kind"})
    run = make(alone)
    assert (run.status, run.total) == ("success", 30)


def test_with_the_labs_down_the_radio_still_plays(alone, sandbox):
    sandbox.fault("server_error", service="listenbrainz_labs", status=503, times=None)
    run = make(alone)
    assert reports(run)["listenbrainz_similar_recordings"]["answered"] < 30
    assert reports(run)["listenbrainz_artist_radio"]["picked"] > 0
    assert reports(run)["listenbrainz_artist_radio"]["errors"] == {}


def test_an_id_that_is_dead_at_spotify_costs_its_track_and_not_the_list(alone, sandbox):
    without_other_routes(sandbox)
    sandbox.fault("dead_ids", path="/spotify-id-", rows=2)
    run = make(alone)
    assert run.status == "success"
    assert 28 <= run.total < 30
    assert "not_kept" in run.relaxations
    written = next(playlist for playlist in sandbox.state()["playlists"] if playlist["id"] == run.playlist_id)
    assert [track["id"] for track in written["tracks"]] == [track.spotify_track_id for track in run.tracks.all()]
    assert not ResolvedTrack.objects.filter(track__id__startswith="0000").exists()


def test_what_an_id_leaves_untold_is_told_when_the_list_is_read_back(alone, sandbox):
    run = make(alone)
    assert not [track for track in run.tracks.all() if not track.cover_url]
    assert not [one for one in RecommendationHistory.objects.all() if not one.isrc]
    stored = ResolvedTrack.objects.filter(match_key__in=[one["key"] for one in run.planned])
    assert stored
    assert not stored.filter(track__isrc="").exists()
    assert not stored.filter(track__album="").exists()


def test_switched_off_nobody_there_is_asked(listener, sandbox):
    run = make(listener)
    assert reports(run)["listenbrainz_artist_radio"]["state"] == "off"
    assert not [call for call in sandbox.calls() if "brainz" in call["service"]]


def test_nothing_about_a_listener_is_sent(alone, sandbox):
    make(alone)
    sent = [call for call in sandbox.calls() if "brainz" in call["service"]]
    names = {call["path"].rsplit("/", 1)[0] for call in sent} | {name for call in sent for name in call["query"]}
    assert names <= {
        "/ws/2/isrc", "/1/lb-radio/artist", "/1/metadata/recording", "/similar-recordings", "/spotify-id-from-metadata",
        "inc", "fmt", "mode", "max_similar_artists", "max_recordings_per_artist", "pop_begin", "pop_end",
    }  # fmt: skip
