"""What reading a list back tells of its tracks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playlists.models import PlaylistRun
from playlists.particulars import complete
from playlists.states import LostLease
from playlists.tests.at_spotify import now
from recommendations.identity import match_key
from recommendations.memory import StoredNames
from vibe.clients.types import Artist, Track

KEY = match_key("Кино", "Кукушка")
FULL = Track("one", "Кукушка", (Artist("a", "Кино"), Artist("b", "Гость")), "Чёрный альбом", 400_000, "RUA110000001")


@pytest.fixture
def run(alice) -> PlaylistRun:
    tracks = [{"id": "one", "name": "КУКУШКА", "artists": "Кино", "isrc": "", "cover": "", "key": KEY}]
    moment = now()
    return PlaylistRun.objects.create(
        user=alice,
        trigger="shell",
        day=moment.date(),
        created_at=moment,
        size_asked=1,
        min_new_ratio=0.8,
        status="running",
        lease_token="ours",
        lease_until=moment,
        plan={"tracks": tracks, "relaxations": ["short"]},
    )


def test_a_track_known_by_id_alone_gets_its_names_its_isrc_and_its_cover(run):
    complete(run, {FULL.uri: FULL}, now())
    run.refresh_from_db()
    assert run.plan["relaxations"] == ["short"]
    told = run.planned[0]
    assert (told["name"], told["artists"], told["isrc"]) == ("Кукушка", "Кино, Гость", "RUA110000001")
    assert told["key"] == KEY
    assert StoredNames(now()).known([KEY]) == {KEY: FULL}


def test_an_id_that_is_another_tracks_is_told_by_its_true_name_and_forgotten(run):
    other = Track("one", "Something Else", (Artist("x", "Somebody"),), isrc="GBAYE9200070")
    complete(run, {other.uri: other}, now())
    assert (run.planned[0]["name"], run.planned[0]["artists"]) == ("Something Else", "Somebody")
    assert StoredNames(now()).known([KEY]) == {KEY: None}


def test_a_like_of_the_listeners_own_lacks_its_cover_only(run):
    run.planned[0]["isrc"] = FULL.isrc
    complete(run, {FULL.uri: replace(FULL, cover="https://i.scdn.co/image/1")}, now())
    assert run.planned[0]["cover"] == "https://i.scdn.co/image/1"
    assert StoredNames(now()).known([KEY]) == {}


def test_a_track_that_a_search_found_stays_as_it_is(run):
    run.planned[0]["cover"] = "https://i.scdn.co/image/1"
    before = dict(run.planned[0])
    complete(run, {FULL.uri: FULL}, now())
    assert run.planned[0] == before
    assert StoredNames(now()).known([KEY]) == {}


def test_what_was_not_read_back_stays_as_it_is(run):
    before = dict(run.planned[0])
    complete(run, {}, now())
    assert run.planned[0] == before


def test_a_run_that_was_taken_over_changes_nothing(run):
    PlaylistRun.objects.update(lease_token="theirs")
    with pytest.raises(LostLease):
        complete(run, {FULL.uri: FULL}, now())
