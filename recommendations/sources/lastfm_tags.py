"""The best-known tracks of what the listener's artists are called: a support for others, and a last resort."""

from __future__ import annotations

from dataclasses import replace

from recommendations.candidates import Found, Profile, SeedArtist
from recommendations.questions import Answer, Conversation, artist_tags, tag_tracks
from recommendations.source import Source, words
from recommendations.tags import SEED, heard_most

SEED_ARTISTS = 8
TAGS = 3
TRACKS = 50
FAME = 10  # the rank at which a track says half as much as the first


def find(profile: Profile) -> Conversation[list[Found]]:
    seeds = profile.artists[:SEED_ARTISTS]
    tags = heard_most(seeds, (yield [artist_tags(seed.name) for seed in seeds]), TAGS)
    answers = yield [tag_tracks(tag) for tag, _say in tags]
    pairs = zip(tags, answers, strict=True)
    return [word for (tag, say), rows in pairs for word in tagged("tag", tag, rows[:TRACKS], say)]


def tagged(relation: str, tag: str, rows: Answer, say: float = 1.0) -> list[Found]:
    """The tracks of a tag as this source's words, which weigh less the less known a track is."""
    seed = SeedArtist("", tag, f"{SEED}{tag}", 0, "")
    found = words(SOURCE.name, relation, seed, rows)
    return [replace(word, match=say * FAME / (FAME - 1 + word.rank)) for word in found]


# A capability, so that `evaluate`, whose Last.fm knows no tags, need not ask for them.
SOURCE = Source("lastfm_tags", "lastfm", find, capability="tags")
