"""A world document: what is read from it, how its dates move, what is said about a broken one."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from vibe.sandbox.discography import derive
from vibe.sandbox.synthetic import build as made_up
from vibe.sandbox.world import WorldError, build, read
from vibe.tests.sandbox_process import ROOT, small_world

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SHARED = ROOT.parent / "shared" / "data" / "world.json.gz"


def test_all_dates_move_so_that_the_worlds_newest_moment_is_now():
    anna = build(small_world(), NOW).listeners["anna"]
    assert anna.likes[0].added_at == NOW - timedelta(days=11, hours=12)
    assert anna.plays[0].played_at == NOW - timedelta(hours=4)
    assert [play.played_at for play in anna.plays] == sorted((p.played_at for p in anna.plays), reverse=True)


def test_neighbours_are_the_things_themselves():
    world = build(small_world(), NOW)
    xtal = world.tracks["T" + "0" * 21]
    assert [(track.name, match) for track, match in xtal.similar][:2] == [("Ageispolis", 0.8), ("Heliosphan", 0.6)]
    assert xtal.artists[0].similar[0][0] is world.artists["A" + "0" * 20 + "1"]


@pytest.mark.parametrize("pack", [lambda data: data, gzip.compress], ids=["json", "gz"])
def test_a_file_may_be_packed(tmp_path, pack):
    file = tmp_path / "world"
    file.write_bytes(pack(json.dumps(small_world()).encode()))
    assert len(build(read(file), NOW).tracks) == 24


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda world: world.pop("tracks"), "tracks: a list is missing"),
        (lambda world: world.pop("as_of"), "'as_of' is missing"),
        (lambda world: world.update(as_of="yesterday"), "yesterday"),
        (lambda world: world.update(users={}), "users: a list is missing"),
        (lambda world: world["artists"][2].update(name=7), r"artists\[2\]: name must be a text"),
        (lambda world: world["artists"][1].update(id=world["artists"][0]["id"]), "stands there twice"),
        (
            lambda world: world["tracks"][3].update(artist_ids=["nobody"]),
            r"tracks\[3\]: 'nobody' is missing or unknown",
        ),
        (lambda world: world["tracks"][3].update(artist_ids=[]), r"tracks\[3\]: artist_ids is empty"),
        (lambda world: world["tracks"][4].update(similar=[["nothing", 1]]), r"tracks\[4\]: 'nothing'"),
        (lambda world: world["tracks"].insert(5, "a track"), r"tracks\[5\]"),
        (lambda world: world["users"][1].update(liked=[["T" + "0" * 21]]), r"users\[1\]"),
    ],
)
def test_a_broken_world_is_refused_with_the_place(change, complaint):
    world = small_world()
    change(world)
    with pytest.raises(WorldError, match=complaint):
        build(world, NOW)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\x1f\x8b broken", b"\xff\xfe"])
def test_a_broken_file_is_refused_with_its_name(tmp_path, content):
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    with pytest.raises(WorldError, match=r"broken\.json"):
        read(file)


def test_a_missing_file_is_refused_with_its_name(tmp_path):
    with pytest.raises(WorldError, match=r"nowhere\.json: No such file"):
        read(tmp_path / "nowhere.json")


def test_an_album_is_an_artist_and_a_name():
    discography = derive(build(small_world(), NOW))
    albums = discography.by_artist["A" + "0" * 21]
    assert sorted(album.name for album in albums) == ["Album 0", "Album 1"]
    assert [album.released for album in albums] == sorted((album.released for album in albums), reverse=True)
    assert len(discography.albums) == 12


def test_an_albums_year_is_the_first_its_tracks_give():
    world = small_world()
    world["tracks"][0]["year"], world["tracks"][1]["year"] = 1994, 1992
    built = build(world, NOW)
    assert derive(built).album_of["T" + "0" * 21].released.startswith("1992-")


def test_guest_appearances_stand_after_an_artists_own_albums():
    world = small_world()
    world["tracks"][8]["artist_ids"].append("A" + "0" * 21)
    albums = derive(build(world, NOW)).by_artist["A" + "0" * 21]
    assert [album.artist.name for album in albums] == ["Aphex Twin", "Aphex Twin", "Земфира"]


def test_a_made_up_world_is_the_same_for_the_same_seed_and_can_be_played():
    assert made_up(likes=60, seed=7) == made_up(likes=60, seed=7) != made_up(likes=60, seed=8)
    world = build(made_up(likes=60, listeners=2), NOW)
    assert [len(one.likes) for one in world.listeners.values()] == [60, 60]
    assert len({track.name for track in world.tracks.values()}) == len(world.tracks)


@pytest.mark.skipif(not SHARED.is_file(), reason="the measuring data is not here")
def test_the_measuring_world_can_be_played():
    world = build(read(SHARED), NOW)
    assert (len(world.artists), len(world.tracks), len(world.listeners)) == (7562, 13973, 20)
