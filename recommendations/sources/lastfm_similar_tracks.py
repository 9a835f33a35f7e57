"""Tracks that Last.fm's listeners play beside the listener's own, asked from both ends: the best signal there is.

What the seeds name is asked in its turn what it is similar to. The more of that the listener has, the surer it is his:
he is known by hundreds of tracks and asked about by forty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from math import sqrt

from recommendations.candidates import Found, Profile
from recommendations.identity import artist_key, match_key
from recommendations.questions import Answer, Conversation, similar_tracks
from recommendations.source import Source, words

Likely = tuple[Found, float]  # a word for a track, and how much all words say for it
CHECKED = 40  # candidates that are asked about: as many calls as for the seeds


def find(profile: Profile) -> Conversation[list[Found]]:
    found = yield from beside_seeds(profile)
    likely = _likeliest(found, profile)
    answers = yield [similar_tracks(one.artist, one.title) for one, _heard in likely]
    theirs = [_mutual(one, rows, profile) for (one, _heard), rows in zip(likely, answers, strict=True)]
    silent = [n for n, rows in enumerate(answers) if not rows]
    return [*found, *chain.from_iterable(theirs), *_guessed(likely, theirs, silent)]


def beside_seeds(profile: Profile) -> Conversation[list[Found]]:
    """From one end alone."""
    answers = yield [similar_tracks(seed.artist, seed.name) for seed in profile.seeds]
    pairs = zip(profile.seeds, answers, strict=True)
    return [word for seed, rows in pairs for word in words(SOURCE.name, "similar_track", seed, rows)]


def _likeliest(found: Iterable[Found], profile: Profile) -> list[Likely]:
    """The tracks he might be given that the lists speak for most, each list as loudly as any other."""
    lists: dict[str, dict[str, float]] = defaultdict(dict)
    words_of: dict[str, Found] = {}
    for word in found:
        key = match_key(word.artist, word.title)
        if profile.barred.isdisjoint((key, artist_key(word.artist))) and key not in profile.known:
            words_of.setdefault(key, word)
            lists[word.seed][key] = max(word.match, lists[word.seed].get(key, 0.0))
    heard: dict[str, float] = defaultdict(float)
    for matches in lists.values():
        loudness = sqrt(sum(matches.values())) or 1.0
        for key, match in matches.items():
            heard[key] += match / loudness
    best = sorted(heard, key=lambda key: (-heard[key], key))[:CHECKED]
    return [(words_of[key], heard[key]) for key in best]


def _mutual(one: Found, rows: Answer, profile: Profile) -> list[Found]:
    """What of the listener's own is in a candidate's list, as words for the candidate."""
    loudness = sqrt(sum(row.match for row in rows)) or 1.0
    return [
        replace(
            one,
            relation="mutual",
            seed=key,
            because=f"{row.artist} - {row.title}",
            match=row.match / loudness,
            rank=rank,
        )
        for rank, row in enumerate(rows, 1)
        if (key := match_key(row.artist, row.title)) in profile.known
    ]


def _guessed(likely: Sequence[Likely], theirs: Sequence[list[Found]], silent: Collection[int]) -> list[Found]:
    """What a candidate whose list nobody knows would have: as much as the others, by what the seeds say of it.

    It names no track of his: none was seen.
    """
    told = sum(word.match for said in theirs for word in said)
    heard = sum(heard for n, (_one, heard) in enumerate(likely) if n not in silent)
    share = told / heard if heard else 0.0
    return [
        replace(likely[n][0], relation="presumed", seed="", because="", match=share * likely[n][1], rank=0)
        for n in silent
        if share
    ]


SOURCE = Source("lastfm_similar_tracks", "lastfm", find)
