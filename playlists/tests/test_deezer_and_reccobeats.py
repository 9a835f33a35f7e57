"""Lists made of Deezer's or of ReccoBeats' word alone, against the sandbox: no key of Last.fm, nothing from Spotify."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from playlists.generate import generate
from playlists.models import PlaylistRun
from recommendations.models import SavedTrack

DEEZER = {"deezer_similar_artists", "deezer_top_tracks"}
RECCOBEATS = {"reccobeats_recommendations"}


@pytest.fixture
def alone(listener: User, sandbox, settings) -> User:
    """A listener of an installation where Spotify tells no more what an artist made, and nobody else is asked yet."""
    settings.LASTFM_API_KEY = ""
    for path in ("/v1/artists/", "/v1/albums/"):
        sandbox.fault("forbidden", path=path, times=None)
    return listener


def now() -> datetime:
    return datetime.now(UTC)


def make(user: User, **options) -> PlaylistRun:
    return generate(user, **{"trigger": "shell", **options}, clock=now)


def calls(run: PlaylistRun) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in run.report["calls"].items():
        found[name.partition("/")[0]] += count
    return found


def sources(run: PlaylistRun) -> Counter[str]:
    return Counter(run.tracks.filter(is_new_to_bot=True).values_list("source", flat=True))


def reports(run: PlaylistRun) -> dict[str, dict]:
    return {source["source"]: source for source in run.report["sources"]}


def test_deezer_alone_makes_a_full_list(alone, sandbox, settings):
    settings.DEEZER = True
    run = make(alone)
    assert (run.status, run.total) == ("success", 30)
    assert (run.novelty or 0) >= 0.8
    assert sum(sources(run)[name] for name in DEEZER) >= 20
    assert calls(run)["spotify"] <= 60
    assert 0 < calls(run)["deezer"] <= 100
    assert not sandbox.calls("lastfm")


def test_reccobeats_alone_makes_a_full_list_without_a_search_for_names(alone, sandbox, settings):
    settings.RECCOBEATS = True
    run = make(alone)
    assert (run.status, run.total) == ("success", 30)
    assert (run.novelty or 0) >= 0.8
    assert sum(sources(run)[name] for name in RECCOBEATS) >= 20
    assert 0 < calls(run)["reccobeats"] <= 8
    assert run.report["names"]["wanted"] == 0
    told = {track.reason["because"] for track in run.tracks.filter(source="reccobeats_recommendations")}
    known = {f"{like.artists[0][1]} - {like.name}" for like in SavedTrack.objects.all()}
    assert told & known


def test_what_they_answered_is_known_to_the_next_run(alone, sandbox, settings):
    settings.DEEZER = True
    make(alone)
    again = make(alone, force=True)
    assert calls(again)["deezer"] == 0


def test_both_off_nobody_there_is_asked(alone, sandbox):
    run = make(alone)
    assert {reports(run)[name]["state"] for name in DEEZER | RECCOBEATS} == {"off"}
    assert not [call for call in sandbox.calls() if call["service"] in ("deezer", "reccobeats")]


@pytest.mark.parametrize("service", ["deezer", "reccobeats"])
@pytest.mark.parametrize(
    "fault",
    [{"kind": "server_error", "status": 503}, {"kind": "malformed"}, {"kind": "rate_limit", "seconds": 3600}],
    ids=["down", "malformed", "limited"],
)
def test_no_failure_of_theirs_fails_a_run(listener, sandbox, settings, monkeypatch, service, fault):
    monkeypatch.setattr("vibe.clients.deezer.WINDOW", timedelta(milliseconds=10))
    settings.DEEZER = settings.RECCOBEATS = True
    kind = fault["kind"]
    sandbox.fault(kind, service=service, times=None, **{key: value for key, value in fault.items() if key != "kind"})
    run = make(listener)
    assert (run.status, run.total) == ("success", 30)
    broken = {name for name, one in reports(run).items() if one["errors"]} & (DEEZER | RECCOBEATS)
    assert broken == (DEEZER if service == "deezer" else RECCOBEATS)


def test_nothing_about_a_listener_is_sent(alone, sandbox, settings):
    settings.DEEZER = settings.RECCOBEATS = True
    make(alone)
    for call in sandbox.calls("deezer"):
        assert re.fullmatch(r"/deezer/(track/isrc:[A-Z0-9]{12}|artist/\d+/(related|top))", call["path"])
        assert set(call["query"]) <= {"limit"}
    for call in sandbox.calls("reccobeats"):
        assert set(call["query"]) == {"size", "seeds"}
        assert re.fullmatch(r"[A-Za-z0-9]{22}(,[A-Za-z0-9]{22}){0,4}", call["query"]["seeds"])
