"""A simulated ListenBrainz artist radio: the rule of its server over the listening of others, asked as the client asks.

https://github.com/metabrainz/listenbrainz-server: listenbrainz/db/lb_radio_artist.py, mode "easy", popularity 60 to 100
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from recommendations.evaluation.names import artist_name, number, track_name
from recommendations.evaluation.others import Others
from recommendations.questions import Answer, Row
from recommendations.services import Table

STEP = 2  # one artist of about every two places, nearest first
LOW, HIGH = 0.6, 1.0  # what share of an artist's other recordings one outdoes; HIGH itself, the best known, is left out


class Radio:
    """A name is its own id. One draw for each artist and seed, as if remembered; the server draws anew each time."""

    def __init__(self, others: Others, seed: int) -> None:
        self._listeners, self._artists, self._seed = others.listeners, others.artists, seed
        self._near, self._by_artist = others.similar_artists(), others.by_popularity()

    def table(self) -> Table:
        return {
            ("musicbrainz", "recordings"): self._recordings_of,
            ("listenbrainz", "artist_radio"): self._played,
            ("listenbrainz", "recordings"): lambda *names: tuple(map(self._recording, names)),
        }

    def _recordings_of(self, isrc: str) -> Answer:
        recording = self._recording(track_name(number(isrc)))
        return recording, Row(recording.artist, id=recording.artist)

    def _recording(self, name: str) -> Row:
        return Row(artist_name(int(self._artists[number(name)])), name, id=name)

    def _played(self, name: str, near: str, each: str) -> Answer:
        """Of the artist himself and of those drawn; of each the best-known recordings first."""
        lot = random.Random(f"{self._seed} radio {name}")  # noqa: S311  draws that anybody can repeat
        artists = (number(name), *self._drawn(number(name), int(near), lot))
        return tuple(
            Row(artist_name(artist), id=track_name(int(track)))
            for artist in artists
            for track in self._some(self._by_artist[artist], int(each), lot)
        )

    def _drawn(self, artist: int, count: int, lot: random.Random) -> list[int]:
        """Two draws may be one place, and before the first place is nobody: fewer than `count` come of it."""
        nearest, _match = self._near[artist]
        places = {lot.randint(turn * STEP, (turn + 1) * STEP) for turn in range(count)}
        return [int(nearest[place - 1]) for place in sorted(places) if 0 < place <= len(nearest)]

    def _some(self, tracks: NDArray[np.int64], count: int, lot: random.Random) -> NDArray[np.int64]:
        """`tracks`: all that somebody has, best known first."""
        listeners = self._listeners[tracks]
        outdone = np.searchsorted(listeners[::-1], listeners) / max(len(tracks) - 1, 1)
        fitting = tracks[(outdone >= LOW) & (outdone < HIGH)]
        return fitting[sorted(lot.sample(range(len(fitting)), min(count, len(fitting))))]
