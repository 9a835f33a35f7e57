"""The listener's own likes as candidates: for what nothing else fills, and the forgotten ones as seasoning."""

from __future__ import annotations

import random
from datetime import date

from recommendations.candidates import Candidate, Found, Heard, Listening, Pick, Ranked
from recommendations.identity import artist_key
from vibe.clients.types import Artist, Track

SOURCE, RELATION = "forgotten_likes", "forgotten_like"
FORGOTTEN_DAYS = 365  # liked so long ago; that it was not heard or given lately is for the selection to see
DRAWN = 100  # a day: of most libraries all, and enough for those that were heard or given lately
EACH = 10  # one such place in so many, whatever else might be reused


def own(heard: Heard, *words: Found) -> Ranked:
    """`words`: why it may be given; none where nothing but the lack of others speaks for it."""
    artists = (Artist(heard.artist_id, heard.artist), *(Artist("", guest) for guest in heard.guests))
    track = Track(heard.id, heard.name, artists, isrc=heard.isrc)
    candidate = Candidate(heard.key, artist_key(heard.artist), heard.artist, heard.name, track, list(words))
    return Ranked(candidate, 0.0, {}, {}, {word.seed for word in words})


def forgotten(listening: Listening, today: date) -> list[Ranked]:
    """Some of the likes of more than a year ago that no recent play knows: others every day, the same all day."""
    played = {play.key for play in listening.plays}
    old = [like for like in listening.likes if (today - like.at.date()).days > FORGOTTEN_DAYS]
    some = [like for like in old if like.key not in played]
    day = random.Random(today.toordinal())  # noqa: S311  a taste, not a secret
    return [_forgotten(like) for like in day.sample(some, min(DRAWN, len(some)))]


def _forgotten(like: Heard) -> Ranked:
    year = str(like.at.year)
    return own(like, Found(SOURCE, RELATION, like.key, year, 0.0, 1, like.artist, like.name))


def is_forgotten(pick: Pick) -> bool:
    return pick.reason is not None and pick.reason.relation == RELATION
