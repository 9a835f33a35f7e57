"""What became of a track that was given. Plain Python; docs/learning.md explains each word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

LIKED, HEARD, KEPT, REMOVED, DISLIKED, UNKNOWN = "liked", "heard", "kept", "removed", "disliked", "unknown"
GOOD, BAD = frozenset({LIKED, HEARD}), frozenset({REMOVED, DISLIKED})
SETTLED = timedelta(hours=12)  # a list that was looked at sooner says nothing of what stayed on it
CLEARED = 0.5  # whoever takes out more than this share of a list empties it, and judges no track


@dataclass(frozen=True, slots=True)
class Heard:
    """A play of the track after it was given."""

    at: datetime
    from_list: bool  # with our playlist as its context


@dataclass(frozen=True, slots=True)
class Facts:
    """What Spotify and the listener told of one track of one list."""

    given_at: datetime
    is_new: bool  # he had neither liked nor heard it before
    plays: tuple[Heard, ...] = ()
    liked_at: datetime | None = None
    disliked_at: datetime | None = None  # the track, or its artist blocked
    held: bool | None = None  # whether the playlist held it when it was looked at; None: not known
    looked_at: datetime | None = None
    missed_until: datetime | None = None  # Spotify forgot plays before this, which nobody had read
    tells_contexts: bool = True  # plays of his come with what they were played from


def outcome(facts: Facts) -> str:
    """The strongest word that is known of it; what he said himself goes before what he did."""
    if _later(facts.disliked_at, facts):
        return DISLIKED
    if _later(facts.liked_at, facts):
        return LIKED
    if facts.held is False:
        return REMOVED
    # He may play what is his anyway for reasons of his own: that counts where it came from our list.
    if any(_later(play.at, facts) and (play.from_list or facts.is_new) for play in facts.plays):
        return HEARD
    return KEPT if facts.held and _is_followed(facts) else UNKNOWN


def _later(at: datetime | None, facts: Facts) -> bool:
    return at is not None and at > facts.given_at


def _is_followed(facts: Facts) -> bool:
    """Whether a play would have been seen, so that none means that there was none."""
    if facts.looked_at is None or facts.looked_at < facts.given_at + SETTLED or not facts.tells_contexts:
        return False
    return facts.missed_until is None or facts.missed_until <= facts.given_at


def still_held(given: list[str], found: set[str]) -> dict[str, bool | None]:
    """Of the tracks a list was given: which the playlist still holds; None for all that are gone of an emptied one."""
    gone = [one for one in given if one not in found]
    taken = None if len(gone) > CLEARED * len(given) else False
    return {one: True if one in found else taken for one in given}
