"""Stand-ins for what a run asks: every answer is worked out from the others' listening."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from recommendations.evaluation.names import artist_name, key, number, track_id, track_name
from recommendations.evaluation.others import Neighbours, Others
from recommendations.questions import Answer, Question, Row
from vibe.clients.types import Artist, Track


class Catalogue:
    """`Services`, `Memory` and `Names` in one: a Last.fm that knows the others, and a Spotify that has each track.

    Answers are remembered ones, so that no thread is needed; `asked` holds what would have been calls.
    `unknown`: the share of tracks about which Last.fm knows nothing when it is asked for similar ones. Without
    `track_service` it never knows any similar track, without `artist_service` nothing of artists.
    """

    def __init__(
        self,
        others: Others,
        seed: int,
        *,
        unknown: float = 0.0,
        track_service: bool = True,
        artist_service: bool = True,
    ) -> None:
        self.artists: list[int] = others.artists.tolist()  # of each track
        self.asked: set[Question] = set()
        self._similar = others.similar_tracks() if track_service else []
        self._near = others.similar_artists() if artist_service else []
        self._top = others.top_tracks() if artist_service else []
        self._answers: dict[Question, Answer] = {}
        lot = random.Random(seed)  # noqa: S311  draws that anybody can repeat
        self._unknown = {track for track in range(len(self.artists)) if lot.random() < unknown}

    def available(self, service: str, capability: str = "") -> bool:
        return service == "lastfm" and not capability

    def reserve(self, service: str, count: int) -> None:
        """There is no limit."""

    def renew(self) -> None:
        """There is no token."""

    def read(self, questions: Sequence[Question]) -> Mapping[Question, Answer]:
        self.asked.update(questions)
        return {question: self.fetch(question) for question in questions}

    def write(self, answers: Mapping[Question, Answer]) -> None:
        """Nothing is ever new."""

    def fetch(self, question: Question) -> Answer:
        if question not in self._answers:
            self._answers[question] = self._answer(question)
        return self._answers[question]

    def known(self, keys: Collection[str]) -> dict[str, Track | None]:
        return {key: self._tracks[key] for key in keys if key in self._tracks}

    def learn(self, tracks: Mapping[str, Track | None]) -> None:
        """There is no name that is not known."""

    def _answer(self, question: Question) -> Answer:
        about = number(question.args[-1])
        if question.family != "similar_tracks" and not self._top:
            return ()
        if question.family == "top_tracks":
            return tuple(Row(question.args[0], track_name(track)) for track in self._top[about].tolist())
        if question.family == "similar_artists":
            return tuple(Row(artist=artist_name(artist), match=match) for artist, match in _told(self._near[about]))
        if not self._similar or about in self._unknown:
            return ()
        return tuple(
            Row(artist_name(self.artists[track]), track_name(track), match)
            for track, match in _told(self._similar[about])
        )

    @cached_property
    def _tracks(self) -> dict[str, Track | None]:
        return {
            key(track, artist): Track(
                track_id(track), track_name(track), (Artist(artist_name(artist), artist_name(artist)),)
            )
            for track, artist in enumerate(self.artists)
        }


def _told(neighbours: Neighbours) -> list[tuple[int, float]]:
    """With the match as Last.fm tells it: 1 for the nearest."""
    numbers, values = neighbours
    return list(zip(numbers.tolist(), (values / values.max(initial=0.0)).tolist(), strict=True))
