"""How much each candidate is worth: formula Q, measured on 50,446 real playlists (docs/engine.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from math import log, sqrt

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
    votes = [(candidate, _votes(candidate.found)) for candidate in candidates]
    scale = _scale((said for candidate, said in votes if candidate.key not in known), profile)
    heard = [_heard(said, scale) * _affinity(candidate, profile) for candidate, said in votes]
    loudest = max((h for h, (one, _) in zip(heard, votes, strict=True) if one.key not in known), default=0.0) or max(
        heard, default=0.0
    )
    recognised = _recognised(profile)
    nearness = SIMILAR_ARTIST if loudest else SIMILAR_ARTIST_ALONE
    ranked = [
        _ranked(candidate, said, h / (loudest or 1.0), nearness, profile, recognised, wildness)
        for h, (candidate, said) in zip(heard, votes, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.candidate.key))


Votes = dict[tuple[str, str], float]  # (source, seed) -> match: one list has one say of a track


def _votes(found: list[Found]) -> Votes:
    votes: Votes = {}
    for word in found:
        if word.relation in VOTES:
            ballot = word.source, word.seed
            votes[ballot] = max(votes.get(ballot, 0.0), word.match or 1 / (UNTOLD + word.rank))
    return votes


def _scale(votes: Iterable[Votes], profile: Profile) -> Votes:
    """What to multiply a match with: each list speaks about equally loud (half-normalised), times its weights."""
    sums: Votes = defaultdict(float)
    for said in votes:
        for ballot, match in said.items():
            sums[ballot] += match
    weights = {seed.key: seed.weight for seed in profile.seeds}
    return {
        (source, seed): weights.get(seed, 1.0) * profile.source_weights.get(source, 1.0) / sqrt(total)
        for (source, seed), total in sums.items()
    }


def _heard(votes: Votes, scale: Votes) -> float:
    """H. A list in which everything is known already has no scale: it names only what may be reused."""
    return sum(match * scale.get(ballot, 1.0) for ballot, match in votes.items())


def _affinity(candidate: Candidate, profile: Profile) -> float:
    return 1 + KNOWN_ARTIST * log(1 + profile.known_artists.get(candidate.artist_key, 0))


def _ranked(
    candidate: Candidate,
    votes: Votes,
    voted: float,
    nearness: float,
    profile: Profile,
    recognised: Collection[str],
    wildness: float,
) -> Ranked:
    listed = near = 0.0
    for word in candidate.found:
        weight = profile.source_weights.get(word.source, 1.0) / word.rank
        if word.relation == "similar_artist":
            near = max(near, nearness * word.match * weight)
        elif word.relation in LISTED and word.seed in profile.known_artists:
            listed = max(listed, LISTED[word.relation] * weight)
    score = voted + listed + near
    if wildness and candidate.track and candidate.track.popularity is not None:
        score /= 10 ** (wildness * POPULARITY_DECADES * candidate.track.popularity / 100)
    parts = {"votes": voted, "top_list": listed, "similar_artist": near}
    vector: dict[str, float] = {}
    for (_source, seed), match in votes.items():
        vector[seed] = max(vector.get(seed, 0.0), match)
    return Ranked(candidate, score, parts, vector, _strongest(candidate.found, recognised))


def reason(candidate: Candidate, profile: Profile) -> Found | None:
    """The strongest word whose seed the listener can recognise: one of today's seeds, or an artist of his."""
    return _strongest(candidate.found, _recognised(profile))


def _recognised(profile: Profile) -> frozenset[str]:
    return frozenset(profile.known_artists).union(seed.key for seed in profile.seeds)


def _strongest(found: list[Found], recognised: Collection[str]) -> Found | None:
    honest = [word for word in found if word.seed in recognised]
    if len(honest) < 2:
        return honest[0] if honest else None
    return min(honest, key=lambda word: (STRENGTH[word.relation], -word.match, word.rank, word.source, word.because))
