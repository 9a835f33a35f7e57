"""Who resembles whom in the sandbox: artists by hand-made closeness and tags, tracks by their artists."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from heapq import nlargest
from math import log, log10, sqrt

from .reading import Artist, Title, Weights, digest

Likeness = dict[str, Weights]

# Decades, voices and places say little about how music sounds: a shared genre must outweigh them.
FAINT = re.compile(
    r"\d\ds|\w+ vocalists|british|english|american|canadian|australian|scottish|irish|ukrainian|belarusian"
    r"|new york|saint petersburg|seattle|manchester|political|soviet"
)
FAINTNESS = 0.3
REVERSE = 0.85
SIMILAR_ARTISTS = 25
SIMILAR_TRACKS = 30
PER_ARTIST = 4
REACH = 16


def vectors(artists: list[Artist]) -> Likeness:
    """Each artist's tags as a vector of length one, rare tags counting for more."""
    spread = Counter(tag for artist in artists for tag in artist.tags)
    found: Likeness = {}
    for artist in artists:
        vector = {
            tag: weight * log(1 + len(artists) / spread[tag]) * (FAINTNESS if FAINT.fullmatch(tag) else 1)
            for tag, weight in artist.tags.items()
            if spread[tag] > 1
        }
        length = sqrt(sum(value**2 for value in vector.values())) or 1
        found[artist.name] = {tag: value / length for tag, value in vector.items()}
    return found


def by_tags(artists: list[Artist]) -> Likeness:
    """Cosine of the artists' tags."""
    bearers: dict[str, list[tuple[str, float]]] = defaultdict(list)
    found: Likeness = {artist.name: defaultdict(float) for artist in artists}
    for name, vector in vectors(artists).items():
        for tag, value in vector.items():
            for other, theirs in bearers[tag]:
                if other != name:
                    found[name][other] += value * theirs
                    found[other][name] += value * theirs
            bearers[tag].append((name, value))
    return found


def by_hand(artists: list[Artist]) -> Likeness:
    """The authors' closeness, both ways: the larger of what the two say, the answering one damped."""
    found: Likeness = {artist.name: dict(artist.near) for artist in artists}
    for artist in artists:
        for other, near in artist.near.items():
            found[other][artist.name] = max(found[other].get(artist.name, 0), REVERSE * near)
    return found


def by_friends(hand: Likeness) -> Likeness:
    """The neighbours' neighbours: tags alone know genres, friends of friends know scenes."""
    found: Likeness = {name: {} for name in hand}
    for name, friends in hand.items():
        for friend, near in friends.items():
            for other, far in hand[friend].items():
                if other != name and near * far > found[name].get(other, 0):
                    found[name][other] = near * far
    return found


def similar_artists(artists: list[Artist]) -> dict[str, list[tuple[str, float]]]:
    """The closest artists of each, best first, the best at 1.0, those named by hand before all others."""
    tags, hand = by_tags(artists), by_hand(artists)
    friends = by_friends(hand)
    found = {}
    for artist in artists:
        name, scores = artist.name, dict[str, float]()
        for other in tags[name].keys() | hand[name].keys() | friends[name].keys():
            alike = 0.15 * tags[name].get(other, 0) + 0.2 * friends[name].get(other, 0)
            scores[other] = alike + 0.65 * hand[name].get(other, 0) + (0.35 if other in artist.near else 0)
        best = nlargest(SIMILAR_ARTISTS, scores.items(), key=lambda pair: (pair[1], pair[0]))
        found[name] = [(other, round(score / best[0][1], 4)) for other, score in best]
    return found


def audience(title: Title) -> int:
    """How many listen to a track: hits more, the end of an album less."""
    luck = 0.85 + digest("audience", title.id) % 1000 / 3333
    return max(1, round(title.artist.listeners * (0.6 if title.hit else 0.2) * 0.92**title.place * luck))


def with_limit(ranked: list[tuple[float, Title]], limit: int, per_artist: int) -> list[tuple[float, Title]]:
    """The best of the ranked, no artist more often than allowed."""
    kept: list[tuple[float, Title]] = []
    times: Counter[str] = Counter()
    for score, title in ranked:
        if len(kept) < limit and times[title.artist.name] < per_artist:
            times[title.artist.name] += 1
            kept.append((score, title))
    return kept


class TrackLikeness:
    """Finds the tracks nearest to a track: its album, its artist, then whatever resembles its artist."""

    def __init__(self, artists: list[Artist], near: dict[str, list[tuple[str, float]]]) -> None:
        self.near = near
        self.titles = {artist.name: artist.titles for artist in artists}
        self.fame = {title.id: log10(audience(title)) for artist in artists for title in artist.titles}
        self.salt = {key: digest("salt", key) % 2**16 for key in self.fame}

    def score(self, one: Title, other: Title, closeness: float) -> float:
        """Closeness of the artists, less for a very different audience, with a stable bit of chance."""
        gap = min(abs(self.fame[one.id] - self.fame[other.id]), 2)
        luck = (self.salt[one.id] ^ self.salt[other.id]) / 2**16
        return closeness * (1 - 0.12 * gap) * (0.88 + 0.12 * luck)

    def own(self, one: Title) -> list[tuple[float, Title]]:
        """The artist's other tracks, the same album's first."""
        return [
            (0.75 + self.score(one, other, 0.25 if other.album == one.album else 0.12), other)
            for other in one.artist.titles
            if other is not one
        ]

    def others(self, one: Title) -> list[tuple[float, Title]]:
        """The tracks of the nearest artists."""
        return [
            (self.score(one, other, 0.75 * closeness), other)
            for name, closeness in self.near[one.artist.name][:REACH]
            for other in self.titles[name]
        ]

    def similar(self, one: Title) -> list[tuple[str, float]]:
        """The nearest tracks' ids, best first, the best at 1.0."""
        ranked = sorted(self.own(one) + self.others(one), key=lambda pair: (-pair[0], pair[1].id))
        best = with_limit(ranked, SIMILAR_TRACKS, PER_ARTIST)
        return [(title.id, round(score / best[0][0], 4)) for score, title in best]
