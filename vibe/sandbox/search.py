"""The search of the pretend Spotify: field filters and plain words, folded, best answers first."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from vibe.sandbox.discography import Album, Discography
from vibe.sandbox.world import Artist, Track, World

T = TypeVar("T")
FIELD = re.compile(r'\b(track|artist|album|year|isrc|genre|upc|tag):\s*("[^"]*"?|(?:(?!\b\w+:)[^"])+)', re.IGNORECASE)
WORD = re.compile(r"\w+")
FIELD_SHARE, PLAIN_SHARE = 0.75, 0.6  # of the weight of the words asked for that an answer must hold
MOST = 1000  # Spotify never pages further


def words(text: str) -> tuple[str, ...]:
    """Folded words: case, accents and apostrophes do not count; Cyrillic stays Cyrillic."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'’`ʼ")
    return tuple(WORD.findall(plain)) or tuple(text.casefold().split())


class Shelf(Generic[T]):
    """An inverted index over one kind of thing."""

    def __init__(
        self, things: Sequence[T], fields: Mapping[str, Callable[[T], str]], heard: Callable[[T], int]
    ) -> None:
        self.things = things
        self.postings: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in fields}
        self.texts: dict[str, list[tuple[str, ...]]] = {name: [] for name in fields}
        most = math.log1p(max(map(heard, things), default=1) or 1)
        self.fame = [math.log1p(heard(thing)) / most for thing in things]
        shared: dict[str, str] = {}  # one string a word, however often it stands there
        for name, read in fields.items():
            for number, thing in enumerate(things):
                found = tuple(shared.setdefault(word, word) for word in words(read(thing)))
                self.texts[name].append(found)
                for word in dict.fromkeys(found):
                    self.postings[name][word].append(number)

    def matching(self, asked: Sequence[str], fields: Sequence[str], least: float) -> dict[int, float]:
        """Number of each thing that holds at least the share `least` of the words -> that share."""
        found: dict[int, float] = defaultdict(float)
        total = 0.0
        for word in dict.fromkeys(asked):
            holders = set().union(*(self.postings[name].get(word, ()) for name in fields))
            weight = math.log(2 + len(self.things) / (1 + len(holders)))
            total += weight
            for number in holders:
                found[number] += weight
        return {number: score / total for number, score in found.items() if score / total >= least}

    def ordered(self, scores: Mapping[int, float], asked: frozenset[str]) -> list[T]:
        """Best first: how much was found, how little else stands there, then fame."""

        def rank(number: int) -> tuple[float, int]:
            extra = sum(self._cover(text[number], asked) for text in self.texts.values())
            return -(scores[number] + 0.25 * extra + 0.1 * self.fame[number]), number

        return [self.things[number] for number in sorted(scores, key=rank)[:MOST]]

    @staticmethod
    def _cover(text: Sequence[str], asked: frozenset[str]) -> float:
        return sum(word in asked for word in text) / max(1, len(text))


@dataclass(slots=True, frozen=True)
class Question:
    fields: dict[str, str]
    plain: tuple[str, ...]

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(self.plain).union(*(words(self.fields.get(name, "")) for name in ("track", "artist", "album")))


def parse(query: str) -> Question:
    fields = {name.lower(): value.strip().strip('"').strip() for name, value in FIELD.findall(query)}
    rest = FIELD.sub(" ", query)
    return Question(fields, words(rest) if rest.strip() else ())


class Catalogue:
    """Tracks, artists and albums of a world, searchable."""

    def __init__(self, world: World, discography: Discography) -> None:
        self._discography = discography
        albums = list(discography.albums.values())
        self.tracks = Shelf[Track](
            list(world.tracks.values()),
            {
                "track": lambda t: t.name,
                "artist": lambda t: " ".join(a.name for a in t.artists),
                "album": lambda t: t.album,
            },
            lambda track: track.listeners,
        )
        self.artists = Shelf[Artist](list(world.artists.values()), {"artist": lambda a: a.name}, self._heard)
        self.albums = Shelf[Album](
            albums, {"album": lambda a: a.name, "artist": lambda a: a.artist.name}, lambda a: len(a.tracks)
        )
        self.most_heard = max((track.listeners for track in world.tracks.values()), default=0)
        self._by_isrc: dict[str, list[int]] = defaultdict(list)
        for number, track in enumerate(self.tracks.things):
            self._by_isrc[track.isrc.upper()].append(number)

    def _heard(self, artist: Artist) -> int:
        return sum(track.listeners for track in self._discography.tracks_by_artist.get(artist.id, ()))

    def find_tracks(self, query: str) -> list[Track]:
        question = parse(query)
        scores = self._scores(self.tracks, question)
        isrc = question.fields.get("isrc", "").upper().replace("-", "")
        if isrc:
            hits = self._by_isrc.get(isrc, [])
            scores = {number: 1.0 for number in hits if scores is None or number in scores}
        elif scores is None and question.fields.keys() & {"genre", "year"}:
            scores = dict.fromkeys(range(len(self.tracks.things)), 1.0)
        kept = {number: score for number, score in (scores or {}).items() if self._fits(number, question)}
        return self.tracks.ordered(kept, question.asked)

    def find_artists(self, query: str) -> list[Artist]:
        question = parse(query)
        return self.artists.ordered(self._scores(self.artists, question) or {}, question.asked)

    def find_albums(self, query: str) -> list[Album]:
        question = parse(query)
        return self.albums.ordered(self._scores(self.albums, question) or {}, question.asked)

    @staticmethod
    def _scores(shelf: Shelf[T], question: Question) -> dict[int, float] | None:
        """What fits every part of the question; None where no part of it asks for words."""
        parts = [
            shelf.matching(words(value), [name], FIELD_SHARE) if name in shelf.postings else {}
            for name, value in question.fields.items()
            if name in ("track", "artist", "album") and value
        ]
        if question.plain:
            parts.append(shelf.matching(question.plain, list(shelf.postings), PLAIN_SHARE))
        if not parts:
            return None
        common = set(parts[0]).intersection(*parts[1:])
        return {number: sum(part[number] for part in parts) / len(parts) for number in common}

    def _fits(self, number: int, question: Question) -> bool:
        track = self.tracks.things[number]
        genre = question.fields.get("genre", "").casefold()
        if genre and not any(genre == tag.casefold() for artist in track.artists for tag in artist.tags):
            return False
        first, _, last = question.fields.get("year", "").partition("-")
        if not first.isdecimal():
            return True
        year = self._discography.album_of[track.id].year
        return int(first) <= year <= int(last if last.isdecimal() else first)
