"""The sandbox's world holds together: real breadth, no loose ends, always the same."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vibe.sandbox.atlas import build, neighbours

SMALL = """
@ Кино | russian rock 1.0, post-punk 0.7 | 1000
~ Алиса 0.8, Somebody Unknown 0.9
45 (1982): Восьмиклассница*; Бездельник

@ Алиса | russian rock 1.0 | 500
#16plus (1985): Мы вместе*; Меломан
"""


@pytest.fixture(scope="module")
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A catalogue and listeners of our own, to spoil as we like."""
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "small.txt").write_text(SMALL, "utf-8")
    (tmp_path / "listeners.txt").write_text("@ demo | Demo | 2\nКино 1.0, Алиса 0.5\n", "utf-8")
    return tmp_path / "catalogue", tmp_path / "listeners.txt"


def with_line(path: Path, line: str) -> None:
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")


def artist_named(world: dict[str, Any], name: str) -> dict[str, Any]:
    return next(artist for artist in world["artists"] if artist["name"] == name)


def is_russian(track: dict[str, Any]) -> bool:
    return bool(re.search("[а-яё]", track["name"].lower())) or any("russian" in tag for tag in track["tags"])


def test_the_world_is_wide(world):
    assert len(world["artists"]) >= 250
    assert len(world["tracks"]) >= 2000
    assert sum(map(is_russian, world["tracks"])) >= len(world["tracks"]) / 5


def test_the_world_knows_many_genres(world):
    carried = Counter(tag for artist in world["artists"] for tag in artist["tags"])
    genres = {
        "post-punk",
        "trip hop",
        "jazz",
        "soul",
        "funk",
        "ambient",
        "idm",
        "hip hop",
        "reggae",
        "folk",
        "country",
    }
    genres |= {
        "heavy metal",
        "punk",
        "shoegaze",
        "bard",
        "russian rock",
        "russian rap",
        "russian pop",
        "blues rock",
    }
    assert genres <= carried.keys()
    assert sum(times >= 4 for times in carried.values()) >= 20


def test_the_same_files_give_the_same_world(world):
    assert build() == world


def test_the_world_is_dated_without_a_clock(world):
    assert world["as_of"] == "2026-11-20T21:00:00+00:00"


def test_ids_are_unique_and_look_like_spotifys(world):
    ids = [thing["id"] for kind in ("artists", "tracks") for thing in world[kind]]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch("[0-9A-Za-z]{22}", identifier) for identifier in ids)


def test_recording_codes_are_unique_and_well_formed(world):
    codes = [track["isrc"] for track in world["tracks"]]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch("[A-Z]{2}[A-Z0-9]{3}[0-9]{7}", code) for code in codes)


@pytest.mark.parametrize("kind", ["artists", "tracks"])
def test_similar_ones_exist_are_sorted_and_lie_between_nought_and_one(world, kind):
    known = {thing["id"] for thing in world[kind]}
    for thing in world[kind]:
        closeness = [value for _, value in thing["similar"]]
        assert {other for other, _ in thing["similar"]} <= known - {thing["id"]}
        assert closeness == sorted(closeness, reverse=True)
        assert closeness[0] == 1.0
        assert closeness[-1] >= 0


def test_everyone_has_enough_neighbours(world):
    assert all(20 <= len(artist["similar"]) <= 25 for artist in world["artists"])
    assert all(25 <= len(track["similar"]) <= 30 for track in world["tracks"])


def test_no_artist_crowds_a_tracks_neighbours(world):
    artist_of = {track["id"]: track["artist_ids"][0] for track in world["tracks"]}
    for track in world["tracks"]:
        assert max(Counter(artist_of[other] for other, _ in track["similar"]).values()) <= 4


def test_a_tracks_nearest_neighbour_is_by_the_same_artist(world):
    artist_of = {track["id"]: track["artist_ids"] for track in world["tracks"]}
    assert all(artist_of[track["similar"][0][0]] == track["artist_ids"] for track in world["tracks"])


def test_every_track_belongs_to_a_known_artist_and_carries_its_tags(world):
    tags = {artist["id"]: list(artist["tags"]) for artist in world["artists"]}
    assert all(track["tags"] == tags[track["artist_ids"][0]] for track in world["tracks"])


def test_tracks_last_and_are_heard_plausibly(world):
    assert all(130_000 <= track["duration_ms"] <= 390_000 for track in world["tracks"])
    assert all(track["listeners"] > 0 for track in world["tracks"])


def test_no_artist_has_a_title_twice(world):
    titles = Counter((track["artist_ids"][0], track["name"].casefold()) for track in world["tracks"])
    assert max(titles.values()) == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Земфира", {"Сплин", "Мумий Тролль"}),
        ("Кино", {"Наутилус Помпилиус", "Алиса", "Аквариум"}),
        ("Radiohead", {"Blur", "Arcade Fire", "Jeff Buckley", "Interpol"}),
        ("Metallica", {"Megadeth", "Slayer"}),
        ("Владимир Высоцкий", {"Булат Окуджава"}),
    ],
)
def test_well_known_artists_have_the_neighbours_a_listener_expects(world, name, expected):
    assert expected & set(neighbours(world, [name])[name])


def test_those_named_by_hand_come_first(files):
    world = build(*files)
    assert neighbours(world, ["Кино"], 1) == {"Кино": ["Алиса"]}


def test_closeness_goes_both_ways(files):
    world = build(*files)
    assert neighbours(world, ["Алиса"], 1) == {"Алиса": ["Кино"]}


def test_the_first_listener_is_the_demo(world):
    assert (world["users"][0]["id"], world["users"][0]["display_name"]) == ("demo", "Demo Listener")
    assert {"demo", "masha", "boris", "lena"} <= {user["id"] for user in world["users"]}


def test_listeners_know_only_what_exists(world):
    tracks = {track["id"] for track in world["tracks"]}
    artists = {artist["id"] for artist in world["artists"]}
    for user in world["users"]:
        assert {track for track, *_ in user["liked"] + user["recent"]} | set(user["top"]["tracks"]) <= tracks
        assert set(user["top"]["artists"]) <= artists


def test_listeners_have_saved_enough_over_three_years(world):
    as_of = datetime.fromisoformat(world["as_of"])
    counts = {user["id"]: len(user["liked"]) for user in world["users"]}
    assert 170 <= counts["demo"] <= 190
    assert all(60 <= count <= 190 for count in counts.values())
    for user in world["users"]:
        moments = [datetime.fromisoformat(moment) for _, moment in user["liked"]]
        assert moments == sorted(moments, reverse=True)
        assert as_of - timedelta(days=3 * 366) < moments[-1] <= moments[0] < as_of
        assert len({track for track, _ in user["liked"]}) == len(moments)


def test_half_of_every_artist_is_left_to_discover(world):
    artist_of = {track["id"]: track["artist_ids"][0] for track in world["tracks"]}
    size = Counter(artist_of.values())
    for user in world["users"]:
        saved = Counter(artist_of[track] for track, _ in user["liked"])
        assert all(times * 2 <= size[artist] for artist, times in saved.items())


def test_recent_plays_are_fifty_over_five_days_with_some_repeated_and_some_new(world):
    as_of = datetime.fromisoformat(world["as_of"])
    for user in world["users"]:
        played = [track for track, _, _ in user["recent"]]
        moments = [datetime.fromisoformat(moment) for _, moment, _ in user["recent"]]
        assert len(played) == 50 > len(set(played))
        assert moments == sorted(moments, reverse=True)
        assert as_of - timedelta(days=5) < moments[-1] <= moments[0] < as_of
        assert set(played) - {track for track, _ in user["liked"]}


def test_hits_are_heard_more_than_album_tracks_beside_them(files):
    heard = {track["name"]: track["listeners"] for track in build(*files)["tracks"]}
    assert heard["Восьмиклассница"] > heard["Бездельник"]


def test_an_album_may_begin_with_a_hash(files):
    assert "#16plus" in {track["album"] for track in build(*files)["tracks"]}


@pytest.mark.parametrize(
    "line",
    [
        "Titles without an album",
        "Album (1990): One; ; Two",
        "Album (1990): Меломан",
        "~ Кино 0.5, Алиса",
        "~ Кино 5",
        "@ Name | rock 1.0",
        "@ Name | rock 1.0 | many",
    ],
)
def test_a_malformed_line_is_named_with_its_file_and_number(files, line):
    with_line(files[0] / "small.txt", line)
    with pytest.raises(ValueError, match=r"small\.txt:8: "):
        build(*files)


def test_a_listener_may_not_love_a_stranger(files):
    with_line(files[1], "Nobody 1.0")
    with pytest.raises(ValueError, match=r"listeners\.txt:3: not in the catalogue: Nobody"):
        build(*files)


def test_an_artist_may_not_come_twice(files):
    (files[0] / "twin.txt").write_text("@ Кино | rock 1.0 | 5\nA (1990): B\n", "utf-8")
    with pytest.raises(ValueError, match=r"twin\.txt: Кино is in the catalogue twice"):
        build(*files)


def test_a_neighbour_outside_the_catalogue_is_passed_over(files):
    assert "Somebody Unknown" not in str(artist_named(build(*files), "Кино"))
