"""What a track is to the listener: new, his own, given before, or not to be given."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from recommendations.candidates import Given, Heard, Listening
from recommendations.identity import song

NEW, REUSABLE, HEARD_LATELY, GIVEN_LATELY = range(4)  # what must give way before it may be picked, least first
FATES = ("ranked_below", "not_new", "recently_played", "cool_down")  # of one that was not picked, by standing

Marks = tuple[str, ...]  # match keys, Spotify id and ISRC: equal in one is the same track


@dataclass(frozen=True, slots=True)
class Past:
    """The listening by mark, so that each candidate is one look-up."""

    liked: frozenset[str]
    played: frozenset[str]
    given: dict[str, datetime]
    disliked: frozenset[str]
    blocked: frozenset[str]
    cooled: datetime  # given at or before this may be given again
    known: frozenset[str]  # liked, played or given: most candidates are none of it

    @classmethod
    def of(cls, listening: Listening, cooldown_days: int, now: datetime) -> Past:
        given: dict[str, datetime] = {}
        for one in sorted(listening.history, key=lambda one: one.last):
            given.update(dict.fromkeys(_marks(one), one.last))
        liked = frozenset(mark for one in listening.likes for mark in _marks(one))
        played = frozenset(mark for one in listening.plays for mark in _marks(one))
        cooled = now - timedelta(days=cooldown_days)
        return cls(liked, played, given, listening.disliked, listening.blocked, cooled, liked.union(played, given))

    def standing(self, marks: Marks, artists: Collection[str]) -> int | str:
        """By its marks and artist keys: NEW to GIVEN_LATELY, or the rule that forbids it whatever gives way."""
        if self.disliked and is_disliked(marks, self.disliked):
            return "disliked"
        if not self.blocked.isdisjoint(artists):
            return "blocked"
        if self.known.isdisjoint(marks):
            return NEW
        played, liked = not self.played.isdisjoint(marks), not self.liked.isdisjoint(marks)
        if played and not liked:
            return "recently_played"
        given = not self.given.keys().isdisjoint(marks)
        if given and max(self.given[mark] for mark in marks if mark in self.given) > self.cooled:
            return GIVEN_LATELY
        if played:
            return HEARD_LATELY
        return REUSABLE if liked or given else NEW


def is_disliked(marks: Iterable[str], disliked: Collection[str]) -> bool:
    """Who dislikes a song dislikes every recording of it; who dislikes a remix means the remix."""
    return any(mark in disliked or song(mark) in disliked for mark in marks)


def _marks(one: Heard | Given) -> list[str]:
    return [mark for mark in (one.key, one.id, one.isrc) if mark]
