"""Made-up worlds of any size, for the benchmark and for tests of scale; the same for the same seed.

`python -m vibe.sandbox.synthetic --likes 10000 > FILE` writes one; `manage.py sandbox --world FILE` plays it.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from vibe.sandbox.discography import identifier

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
SYLLABLES = ["ba", "dor", "fen", "gil", "ha", "jun", "kel", "lo", "mir", "nu", "pos", "rav", "sel", "tim", "vor", "zan"]
GENRE_SIZE = 25  # artists in one genre; nobody has neighbours outside their own
NEIGHBOURS = 20


def build(
    artists: int = 0, tracks_per_artist: int = 10, likes: int = 500, listeners: int = 1, seed: int = 1
) -> dict[str, Any]:
    """A world document. `artists` 0 means as many as leave half the tracks unliked."""
    rng = Random(seed)  # noqa: S311 - nobody's secret
    artists = max(artists, 200) if artists else max(200, -(-likes * 2 // tracks_per_artist))
    if likes > artists * tracks_per_artist:
        raise ValueError("more likes than tracks")
    names = _names(rng, artists + artists * tracks_per_artist)
    people = [_artist(rng, number, names[number], artists) for number in range(artists)]
    tracks = [
        _track(rng, number, names[artists + number], people, tracks_per_artist)
        for number in range(artists * tracks_per_artist)
    ]
    return {
        "about": f"Made up: {artists} artists, {len(tracks)} tracks, seed {seed}",
        "as_of": AS_OF.isoformat(),
        "artists": people,
        "tracks": tracks,
        "users": [_listener(rng, number, tracks, likes) for number in range(listeners)],
    }


@cache
def _id(kind: str, number: int) -> str:
    return identifier(f"{kind} {number}")


def _names(rng: Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 3))).title() for _ in range(rng.randint(1, 2))]
        found[" ".join(words)] = None
    return list(found)


def _artist(rng: Random, number: int, name: str, artists: int) -> dict[str, Any]:
    genre = number // GENRE_SIZE
    others = [n for n in range(genre * GENRE_SIZE, min(artists, (genre + 1) * GENRE_SIZE)) if n != number]
    near = rng.sample(others, min(NEIGHBOURS, len(others)))
    similar = [[_id("artist", other), round(1 - place / 30, 3)] for place, other in enumerate(near)]
    return {"id": _id("artist", number), "name": name, "tags": {f"genre {genre}": 100}, "similar": similar}


def _track(rng: Random, number: int, name: str, artists: list[dict[str, Any]], each: int) -> dict[str, Any]:
    artist = number // each
    first = artist // GENRE_SIZE * GENRE_SIZE * each
    pool = range(first, min(len(artists) * each, first + GENRE_SIZE * each))
    near = [other for other in rng.sample(pool, min(NEIGHBOURS + 1, len(pool))) if other != number][:NEIGHBOURS]
    return {
        "id": _id("track", number),
        "name": name,
        "artist_ids": [artists[artist]["id"]],
        "album": f"{artists[artist]['name']} {number % each // 5 + 1}",
        "duration_ms": rng.randint(120_000, 360_000),
        "isrc": f"QZSYN26{number:05}"[-12:],
        "tags": [],
        "listeners": rng.randint(100, 1_000_000),
        "year": rng.randint(1965, 2025),
        "similar": [[_id("track", other), round(1 - place / 30, 3)] for place, other in enumerate(near)],
    }


def _listener(rng: Random, number: int, tracks: list[dict[str, Any]], likes: int) -> dict[str, Any]:
    liked = rng.sample(tracks, likes)
    heard = [rng.choice(liked or tracks) for _ in range(50)]
    return {
        "id": f"listener{number + 1:02}",
        "display_name": f"Listener {number + 1}",
        "liked": [[track["id"], (AS_OF - timedelta(hours=6 * n)).isoformat()] for n, track in enumerate(liked)],
        "recent": [
            [track["id"], (AS_OF - timedelta(minutes=25 * n)).isoformat(), None] for n, track in enumerate(heard)
        ],
        "top": {
            "tracks": list(dict.fromkeys(track["id"] for track in heard)),
            "artists": list(dict.fromkeys(track["artist_ids"][0] for track in heard)),
        },
    }


def main() -> None:
    parser = ArgumentParser(description="Write a made-up world as JSON.")
    for name, default in (("artists", 0), ("tracks-per-artist", 10), ("likes", 500), ("listeners", 1), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    json.dump(build(**vars(parser.parse_args())), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
