"""Where a steered list goes: what of the listener's own lies in that direction, and what to ask about beside it.

Everything else is as ever: the same sources, the same formula, the same promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recommendations.candidates import Candidate, Found, Heard, Listening, Profile, Seed
from recommendations.identity import artist_key, match_key
from recommendations.questions import Answer, Question
from recommendations.reasons import BACK, WISH
from recommendations.steering import Steer

SEEDS = 20  # in all: sources then ask no more than for any other list
BELOW = 0.5  # the weight of a seed that is not the listener's own, where he has enough of his own
ENOUGH = 6  # of his own

Ask = Callable[[Sequence[Question]], Sequence[Answer]]
Anew = Callable[[Listening], Profile]  # the day's profile of a part of what somebody hears


class Astray(Exception):
    """A wish that can't be followed; `code` says why, in the terms of `playlists.notes`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Course:
    """What one steered list starts from and holds to."""

    profile: Profile
    listening: Listening  # what of his lies in that direction
    followed: dict[str, Any]  # "artist" or "tags", as the services spell them; "partly" where not every word was known
    words: tuple[Found, ...] = ()  # found on the way
    caps: Mapping[str, int] = field(default_factory=dict)  # artist key -> tracks, where it is not the usual number
    fits: dict[str, float] = field(default_factory=dict)  # artist key -> how well he fits the wish
    judged: frozenset[str] = frozenset()  # of those, whose own tags said so
    called: str = ""  # the tags in one
    wanted: Steer | None = None  # by which an artist's tags are judged; None where they are not
    asked_artist: str = ""  # his key

    def on_course(self, found: Iterable[Found]) -> list[Found]:
        """Of what the sources found, what a seed of this list has led to, and where that leads back to his own."""
        seeds = {seed.key for seed in self.profile.seeds} | {artist.key for artist in self.profile.artists}
        return [*self.words, *(self._named(word) for word in found if word.seed in seeds or word.relation in BACK)]

    def _named(self, word: Found) -> Found:
        is_his = word.seed == self.asked_artist and word.relation in ("artist_top", "deep_cut", "search", "radio")
        return replace(word, relation="asked_artist") if is_his else word


def only(listening: Listening, artists: Iterable[str]) -> Listening:
    """What of it is by these artists (keys)."""
    keys = frozenset(artists)

    def by_them(heard: tuple[Heard, ...]) -> tuple[Heard, ...]:
        return tuple(one for one in heard if artist_key(one.artist) in keys)

    return replace(
        listening, likes=by_them(listening.likes), plays=by_them(listening.plays), asked=by_them(listening.asked)
    )


def seed(artist: str, title: str, weight: float = 1.0, id_: str = "", artist_id: str = "") -> Seed:
    """One that is not the listener's own."""
    return Seed(id_, title, artist, artist_id, match_key(artist, title), weight, WISH)


def together(own: Iterable[Seed], others: Iterable[Seed]) -> tuple[Seed, ...]:
    """`own` first, each track once, at most `SEEDS`."""
    found: dict[str, Seed] = {}
    for one in (*own, *others):
        found.setdefault(one.key, one)
    return tuple(found.values())[:SEEDS]


def artists_in_order(candidates: Iterable[Candidate], known: Mapping[str, float], most: int) -> dict[str, str]:
    """Key -> name of the first artists that are not known yet."""
    found: dict[str, str] = {}
    for one in candidates:
        if one.artist_key not in known and len(found) < most:
            found.setdefault(one.artist_key, one.artist)
    return found
