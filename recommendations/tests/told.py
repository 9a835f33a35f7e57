"""A catalogue that answers what it was told: the engine's outside world without any HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from recommendations.candidates import Candidate, Heard, Profile, Seed, SeedArtist
from recommendations.identity import artist_key, match_key
from recommendations.questions import Answer, Question, Row
from vibe.clients.types import Artist, Track

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def track(artist: str, title: str, **more) -> Track:
    key = match_key(artist, title)
    return Track(id=f"id:{key}", name=title, artists=(Artist(f"a:{artist_key(artist)}", artist),), **more)


def row(artist: str, title: str, match: float = 0.0) -> Row:
    return Row(artist, title, match)


def tag(name: str, weight: float) -> Row:
    return Row(title=name, match=weight)


def found_row(artist: str, title: str) -> Row:
    one = track(artist, title)
    return Row(artist, title, id=one.id, track=one)


def heard(artist: str, title: str, days_ago: float = 1, context: str = "") -> Heard:
    one = track(artist, title)
    at = NOW - timedelta(days=days_ago)
    return Heard(one.id, title, artist, one.artist.id, match_key(artist, title), "", at, context)


def seed(artist: str, title: str, weight: float = 1.0) -> Seed:
    one = heard(artist, title)
    return Seed(one.id, title, artist, one.artist_id, one.key, weight, "play")


def seed_artist(name: str, count: int = 1) -> SeedArtist:
    return SeedArtist(f"a:{artist_key(name)}", name, artist_key(name), count, f"{name} - something")


def profile(seeds: Sequence[Seed] = (), artists: Sequence[SeedArtist] = ()) -> Profile:
    return Profile(tuple(seeds), tuple(artists), {artist.key: artist.count for artist in artists})


def candidate(artist: str, title: str) -> Candidate:
    return Candidate(match_key(artist, title), artist_key(artist), artist, title, None)


class Told:
    """Services that answer from a mapping; an exception in it is raised, an unknown question is empty."""

    def __init__(
        self,
        answers: Mapping[Question, Answer | Exception | list[Answer | Exception]],
        services: Sequence[str] = ("lastfm", "spotify"),
        gone: Sequence[str] = (),
    ) -> None:
        self.answers, self.services, self.gone = dict(answers), services, gone
        self.asked: list[Question] = []
        self.reserved: list[tuple[str, int]] = []
        self.renewed = 0
        self._lock = Lock()

    def available(self, service: str, capability: str = "") -> bool:
        return service in self.services and capability not in self.gone

    def reserve(self, service: str, count: int) -> None:
        self.reserved.append((service, count))

    def fetch(self, question: Question) -> Answer:
        with self._lock:
            self.asked.append(question)
            answer = self.answers.get(question, ())
            if isinstance(answer, list):
                answer = answer.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def renew(self) -> None:
        self.renewed += 1


class Remembered(dict[Question, Answer]):
    """A `Memory` in memory."""

    def read(self, questions: Sequence[Question]) -> Mapping[Question, Answer]:
        return {question: self[question] for question in questions if question in self}

    def write(self, answers: Mapping[Question, Answer]) -> None:
        self.update(answers)
