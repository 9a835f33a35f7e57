"""How much each candidate is worth: formula Q, measured on 50,446 real playlists (docs/engine.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import compress
from math import log, sqrt
from operator import attrgetter

from recommendations.candidates import Candidate, Found, Profile, Ranked
from recommendations.reasons import BACK, OF_TRACKS, recognised

UNTOLD = 10  # a list without match values: 1 / (10 + rank); nDCG@30 .2914 against .2786 for the usual 60
KNOWN_ARTIST = 0.25  # .5 gains nothing, 1.0 loses 3 % and most of the unknown artists
TOP_LIST = 0.10  # a known artist's best-known track that the listener lacks
DEEP_CUT = 0.05  # an artist's album track, search result or draw of a radio: the order says less than his favourites
SIMILAR_ARTIST = 0.05
SIMILAR_ARTIST_ALONE = 0.10  # where nothing speaks of tracks: .165 against .155
MUTUAL = 0.5  # what has many of the listener's tracks in its own list
APART = 7  # how many others that say the same halve the voice of a list
TAG = 0.02  # a well-known track of his tags supports what others say and fills only what they leave
FAME = 1.2  # decades that the wildest lists take from the most popular, where Spotify tells popularity
AGREED = 0.7

VOTES = ("similar_track", "recommended")
TAGGED = ("tag", "asked_tag", "asked_style")
LISTED = {"artist_top": TOP_LIST, "asked_artist": TOP_LIST, "deep_cut": DEEP_CUT, "search": DEEP_CUT, "radio": DEEP_CUT}


def rank(
    candidates: Iterable[Candidate], profile: Profile, known: Collection[str] = (), wildness: float = 0.0
) -> list[Ranked]:
    """Best first, ties by key.

    `known`: match keys of the listener's likes and plays. They are scored too, for the reused share, but take no
    part in the weight of a seed's list. `wildness` 0..1 leads away from known artists, from what many seeds lead to
    and, where popularity is told, from what is popular.
    """
    in_order = sorted(candidates, key=attrgetter("key"))  # sums of floats depend on it
    votes = [_votes(candidate.found) for candidate in in_order]
    unknown = [candidate.key not in known for candidate in in_order]
    scale = _scale(list(compress(votes, unknown)), profile)
    affinity = {artist: 1 + KNOWN_ARTIST * log(1 + count) for artist, count in profile.known_artists.items()}
    heard = [
        _heard(said, scale) * affinity.get(candidate.artist_key, 1.0)
        for candidate, said in zip(in_order, votes, strict=True)
    ]
    loudest = max(compress(heard, unknown), default=0.0) or max(heard, default=0.0)
    mutual = [_mutual(candidate, said) for candidate, said in zip(in_order, votes, strict=True)]
    surest = max((sum(said.values()) for said in mutual if said), default=0.0)
    score = _Scorer(profile, loudest, surest, wildness)
    return sorted(map(score, in_order, votes, heard, mutual), key=attrgetter("score"), reverse=True)


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


def _scale(votes: Sequence[Votes], profile: Profile) -> Votes:
    """What to multiply a match with: each list speaks about equally loud (half-normalised), times its weights."""
    sums: Votes = defaultdict(float)
    squares: Votes = defaultdict(float)
    for said in votes:
        for ballot, match in said.items():
            sums[ballot] += match
            squares[ballot] += match * match
    alike = _alike(votes, {ballot: 1 / sqrt(square) for ballot, square in squares.items()})
    weights = {seed.key: seed.weight for seed in profile.seeds}
    scale = {}
    for ballot, total in sums.items():
        source, _, seed = ballot.partition(" ")
        weight = weights.get(seed, 1.0) * profile.source_weights.get(source, 1.0)
        scale[ballot] = weight / sqrt(total) * APART / (APART + alike.get(ballot, 0.0))
    return scale


def _alike(votes: Iterable[Votes], unit: Votes) -> Votes:
    """How many others say what a list says, as the sum of its cosines with them: all those are one voice and not many.

    EASE comes to the same by inverting the whole catalogue.
    """
    alike: Votes = defaultdict(float)
    for said in votes:
        if len(said) > 1:
            whole = 0.0
            for ballot, match in said.items():
                whole += match * unit[ballot]
            for ballot, match in said.items():
                length = match * unit[ballot]
                alike[ballot] += length * (whole - length)
    return alike


def _heard(votes: Votes, scale: Votes) -> float:
    """H of the formula. A list in which everything is known already has no scale: it names only what may be reused."""
    heard = 0.0
    for ballot, match in votes.items():
        heard += match * scale.get(ballot, 1.0)
    return heard


def _mutual(candidate: Candidate, votes: Votes) -> Votes:
    """How much of the listener's own is in the candidate's list, each track of his once. Most have votes alone."""
    said: Votes = {}
    if len(votes) == len(candidate.found):
        return said
    told = [word for word in candidate.found if word.relation == "mutual"]
    for word in told or (word for word in candidate.found if word.relation == "presumed"):
        ballot = f"{word.source} {word.seed}"
        said[ballot] = max(word.match, said.get(ballot, 0.0))
    return said


class _Scorer:
    """The rest of the formula, with what all candidates share worked out once."""

    def __init__(self, profile: Profile, loudest: float, surest: float, wildness: float) -> None:
        self.artists, self.weights, self.wildness = profile.known_artists, profile.source_weights, wildness
        self.recognised = recognised(profile)
        self.loudest, self.surest = loudest or 1.0, surest or 1.0
        self.nearness = SIMILAR_ARTIST if loudest else SIMILAR_ARTIST_ALONE

    def __call__(self, candidate: Candidate, votes: Votes, heard: float, mutual: Votes) -> Ranked:
        # Most candidates are known by votes alone, and then there is nothing more to weigh.
        more = len(votes) < len(candidate.found)
        listed, near, tagged = self._beside(candidate) if more else (0.0, 0.0, 0.0)
        parts = {"votes": heard / self.loudest, "top_list": listed, "similar_artist": near}
        if mutual:
            parts["mutual"] = MUTUAL * self._trusted(mutual) / self.surest
        if tagged:
            parts["tag"] = tagged
        score = sum(parts.values())
        if self.wildness:
            score *= self._wild(candidate, votes)
        return Ranked(candidate, score, parts, votes, self.recognised)

    def _trusted(self, said: Votes) -> float:
        return sum(match * self.weights.get(ballot.partition(" ")[0], 1.0) for ballot, match in said.items())

    def _beside(self, candidate: Candidate) -> tuple[float, float, float]:
        """What lists of artists and tags add."""
        listed = near = tagged = 0.0
        for word in candidate.found:
            relation = word.relation
            if relation in OF_TRACKS or relation in BACK:
                continue
            trust = self.weights.get(word.source, 1.0)
            weight = trust / word.rank
            if relation in TAGGED:
                tagged = max(tagged, TAG * word.match * trust)  # a match that tells of the rank already
            elif relation == "similar_artist":
                near = max(near, self.nearness * word.match * weight)
            elif word.seed in self.artists:
                listed = max(listed, LISTED[relation] * weight)
        return listed, near, tagged

    def _wild(self, candidate: Candidate, votes: Votes) -> float:
        """1 for what a wish for wildness leaves alone, less for what is expected."""
        popularity = candidate.track.popularity if candidate.track else None
        left = 10.0 ** (-self.wildness * FAME * (popularity or 0) / 100)
        if candidate.artist_key in self.artists:
            left *= 1 - self.wildness
        return float(left / max(1, len(votes)) ** (self.wildness * AGREED))
