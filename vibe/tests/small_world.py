"""The world most tests of the sandbox are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def small_world() -> dict[str, Any]:
    """Two dozen tracks by six artists, and two listeners: `anna` and `boris`."""
    names = ["Aphex Twin", "Boards of Canada", "Земфира", "Кино", "Mötley Crüe", "AC/DC"]
    artists = [
        {"id": _id("A", n), "name": name, "tags": {"rock" if n > 1 else "idm": 100}, "similar": _near("A", n, 6)}
        for n, name in enumerate(names)
    ]
    titles = [["Xtal", "Ageispolis", "Heliosphan", "Rhubarb"], ["Roygbiv", "Olson", "Dayvan Cowboy", "Zoetrope"]]
    titles += [["Искала", "Хочешь?", "Ариведерчи", "Аэропланы"], ["Группа крови", "Перемен", "Кукушка", "Звезда"]]
    titles += [["Live Wire", "Don't Go Away Mad", "Kickstart My Heart", "Dr. Feelgood"]]
    titles += [["Thunderstruck", "T.N.T.", "Back in Black", "Hells Bells"]]
    tracks = [_track(artist, place, title) for artist, row in enumerate(titles) for place, title in enumerate(row)]
    return {
        "about": "small",
        "as_of": "2026-01-01T00:00:00Z",
        "artists": artists,
        "tracks": tracks,
        "users": _users(tracks),
    }


def _id(letter: str, number: int) -> str:
    return f"{letter}{number:021}"


def _near(letter: str, number: int, count: int) -> list[tuple[str, float]]:
    return [(_id(letter, (number + step) % count), round(1 - step / 5, 2)) for step in range(1, 4)]


def _track(artist: int, place: int, title: str) -> dict[str, Any]:
    number = artist * 4 + place
    return {
        "id": _id("T", number),
        "name": title,
        "artist_ids": [_id("A", artist)],
        "album": f"Album {place // 2}",
        "duration_ms": 180_000 + number * 1000,
        "isrc": f"QZ00026{number:05}",
        "tags": [],
        "listeners": 1000 - number,
        "similar": _near("T", number, 24),
    }


def _users(tracks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ids = [track["id"] for track in tracks]
    return [
        {
            "id": name,
            "display_name": name.title(),
            "liked": [(key, f"2025-12-{20 - n:02}T12:00:00Z") for n, key in enumerate(ids[start : start + 6])],
            "recent": [
                (key, f"2025-12-31T{20 - n:02}:00:00Z", None) for n, key in enumerate(ids[start + 2 : start + 9])
            ],
            "top": {"tracks": ids[start : start + 5], "artists": [_id("A", start // 4), _id("A", start // 4 + 1)]},
        }
        for name, start in (("anna", 0), ("boris", 12))
    ]
