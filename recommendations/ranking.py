"""How much each candidate is worth: formula Q, measured on 50,446 real playlists (docs/engine.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import compress
from math import log, sqrt
from operator import attrgetter

from recommendations.candidates import Candidate, Found, Profile, Ranked

UNTOLD = 10  # a list without match values: 1 / (10 + rank); nDCG@30 .2914 against .2786 for the usual 60
KNOWN_ARTIST = 0.25  # .5 gains nothing, 1.0 loses 3 % and most of the unknown artists
TOP_LIST = 0.10  # a known artist's best-known track that the listener lacks
DEEP_CUT = 0.05  # an artist's album track or search result: the order says less than a list of favourites
SIMILAR_ARTIST = 0.05
SIMILAR_ARTIST_ALONE = 0.10  # where nothing speaks of tracks: .165 against .155
POPULARITY_DECADES = 6  # Spotify's 0..100 spans about six powers of ten of listeners

VOTES = ("similar_track", "recommended")
LISTED = {"artist_top": TOP_LIST, "deep_cut": DEEP_CUT, "search": DEEP_CUT}
_BEST_REASON_FIRST = ("similar_track", "recommended", "artist_top", "similar_artist", "deep_cut", "search")
STRENGTH = {relation: place for place, relation in enumerate(_BEST_REASON_FIRST)}


def rank(
    candidates: Iterable[Candidate], profile: Profile, known: Collection[str] = (), wildness: float = 0.0
) -> list[Ranked]:
    """Best first, ties by key.

    `known`: match keys of the listener's likes and plays. They are scored too, for the reused share, but take no
    part in the weight of a seed's list. `wildness` 0..0.2 divides by listeners^wildness where popularity is told.
    """
    in_order = sorted(candidates, key=attrgetter("key"))  # sums of floats depend on it
    votes = [_votes(candidate.found) for candidate in in_order]
    unknown = [candidate.key not in known for candidate in in_order]
    scale = _scale(compress(votes, unknown), profile)
    affinity = {artist: 1 + KNOWN_ARTIST * log(1 + count) for artist, count in profile.known_artists.items()}
    heard = [
        _heard(said, scale) * affinity.get(candidate.artist_key, 1.0)
        for candidate, said in zip(in_order, votes, strict=True)
    ]
    loudest = max(compress(heard, unknown), default=0.0) or max(heard, default=0.0)
    score = _Scorer(profile, loudest, wildness)
    return sorted(map(score, in_order, votes, heard), key=attrgetter("score"), reverse=True)


Votes = dict[str, float]  # "source seed" -> match: one list has one say of a track


def _votes(found: list[Found]) -> Votes:
    votes: Votes = {}
    for word in found:
        if word.relation in VOTES:
            ballot = f"{word.source} {word.seed}"
            match = word.match or 1 / (UNTOLD + word.rank)
            if match > votes.get(ballot, 0.0):
                votes[ballot] = match
    return votes


def _scale(votes: Iterable[Votes], profile: Profile) -> Votes:
    """What to multiply a match with: each list speaks about equally loud (half-normalised), times its weights."""
    sums: Votes = defaultdict(float)
    for said in votes:
        for ballot, match in said.items():
            sums[ballot] += match
    weights = {seed.key: seed.weight for seed in profile.seeds}
    scale = {}
    for ballot, total in sums.items():
        source, _, seed = ballot.partition(" ")
        scale[ballot] = weights.get(seed, 1.0) * profile.source_weights.get(source, 1.0) / sqrt(total)
    return scale


def _heard(votes: Votes, scale: Votes) -> float:
    """H of the formula. A list in which everything is known already has no scale: it names only what may be reused."""
    heard = 0.0
    for ballot, match in votes.items():
        heard += match * scale.get(ballot, 1.0)
    return heard


class _Scorer:
    """The rest of the formula, with what all candidates share worked out once."""

    def __init__(self, profile: Profile, loudest: float, wildness: float) -> None:
        self.artists, self.weights, self.wildness = profile.known_artists, profile.source_weights, wildness
        self.recognised = _recognised(profile)
        self.loudest = loudest or 1.0
        self.nearness = SIMILAR_ARTIST if loudest else SIMILAR_ARTIST_ALONE

    def __call__(self, candidate: Candidate, votes: Votes, heard: float) -> Ranked:
        voted = heard / self.loudest
        listed = near = 0.0
        # Most candidates are known by votes alone, and then there is nothing more to weigh.
        for word in candidate.found if len(votes) < len(candidate.found) else ():
            relation = word.relation
            if relation in VOTES:
                continue
            weight = self.weights.get(word.source, 1.0) / word.rank
            if relation == "similar_artist":
                near = max(near, self.nearness * word.match * weight)
            elif word.seed in self.artists:
                listed = max(listed, LISTED[relation] * weight)
        score = voted + listed + near
        track = candidate.track
        if self.wildness and track and track.popularity is not None:
            score /= 10 ** (self.wildness * POPULARITY_DECADES * track.popularity / 100)
        parts = {"votes": voted, "top_list": listed, "similar_artist": near}
        return Ranked(candidate, score, parts, votes, self.recognised)


def reason(candidate: Candidate, profile: Profile) -> Found | None:
    """The strongest word whose seed the listener can recognise: one of today's seeds, or an artist of his."""
    return strongest(candidate.found, _recognised(profile))


def strongest(found: Iterable[Found], recognised: Collection[str]) -> Found | None:
    honest = (word for word in found if word.seed in recognised)
    return min(
        honest,
        key=lambda word: (STRENGTH[word.relation], -word.match, word.rank, word.source, word.because),
        default=None,
    )


def _recognised(profile: Profile) -> frozenset[str]:
    return frozenset(profile.known_artists).union(seed.key for seed in profile.seeds)
