"""What ListenBrainz plays on the radio of the listener's artists: their best-known tracks and those of artists near.

Each time it is asked it draws anew, from the nearest artists and their well-known recordings: here once a fortnight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import sqrt

from recommendations import mbids
from recommendations.candidates import Found, Profile, SeedArtist
from recommendations.identity import artist_key
from recommendations.questions import Answer, Conversation, Row, artist_radio, recordings, recordings_of
from recommendations.source import Source, artists_for, words

SEED_ARTISTS = 10
MORE_ARTISTS = 20  # of a wide profile
NEAR = 10  # artists drawn for each
EACH = 8  # recordings of each; with the seed's own no more than one batch of names


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = [seed for seed in artists_for(profile, SEED_ARTISTS, MORE_ARTISTS) if seed.isrc]
    looked_up = yield [recordings_of(seed.isrc) for seed in seeds]
    pairs = zip(seeds, looked_up, strict=True)
    known = [(seed, key) for seed, rows in pairs if (key := mbids.artist(seed.name, rows))]
    radios = yield [artist_radio(key, NEAR, EACH) for _seed, key in known]
    played = [(seed, rows) for (seed, _key), rows in zip(known, radios, strict=True) if rows]
    named = yield [recordings(row.id for row in rows) for _seed, rows in played]
    names = {row.id: row for rows in named for row in rows}
    programmes = [(seed, _by_artist(rows, names)) for seed, rows in played]
    return _words(programmes)


def _by_artist(rows: Answer, names: Mapping[str, Row]) -> dict[str, list[Row]]:
    """The recordings whose name is known, by the artist they were played for, most played first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.id in names:
            found[row.artist].append(names[row.id])
    return found


def _words(programmes: Sequence[tuple[SeedArtist, Mapping[str, list[Row]]]]) -> list[Found]:
    """How near an artist is nobody says; one on many radios is nearer than one on few."""
    nearness: dict[str, float] = defaultdict(float)
    for seed, programme in programmes:
        for artist in programme:
            nearness[artist] += sqrt(seed.count)
    most = max(nearness.values(), default=1.0)
    return [
        word
        for seed, programme in programmes
        for artist, rows in programme.items()
        for word in (
            words(SOURCE.name, "radio", seed, rows)
            if artist_key(artist) == seed.key
            else words(SOURCE.name, "similar_artist", seed, rows, nearness[artist] / most)
        )
    ]


SOURCE = Source("listenbrainz_artist_radio", "listenbrainz", find)
