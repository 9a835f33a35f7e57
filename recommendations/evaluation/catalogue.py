"""Stand-ins for what a run asks: every answer is worked out from the others' listening."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from recommendations.evaluation.names import artist_name, key, number, track_id, track_name
from recommendations.evaluation.others import Neighbours, Others
from recommendations.evaluation.radio import Radio
from recommendations.questions import Answer, Question, Row
from recommendations.services import Table
from vibe.clients.types import Artist, Track


class Catalogue:
    """`Services`, `Memory` and `Names` in one: a Last.fm that knows the others, and a Spotify that has each track.

    Answers are remembered ones, so that no thread is needed; `asked` holds what would have been calls.
    `unknown`: the share of tracks about which Last.fm knows nothing when it is asked for similar ones. Without
    `track_service` it never knows any similar track, without `artist_service` nothing of artists. `artist_radio`:
    there is a simulated ListenBrainz, too.
    """

    def __init__(
        self,
        others: Others,
        seed: int,
        *,
        unknown: float = 0.0,
        track_service: bool = True,
        artist_service: bool = True,
        artist_radio: bool = False,
    ) -> None:
        self.artists: list[int] = others.artists.tolist()  # of each track
        self.asked: set[Question] = set()
        self._answers: dict[Question, Answer] = {}
        self._names = [track_name(track) for track in range(len(self.artists))]
        lot = random.Random(seed)  # noqa: S311  draws that anybody can repeat
        self._unknown = {track for track in range(len(self.artists)) if lot.random() < unknown}
        self._table: Table = {}
        if track_service:
            self._similar = others.similar_tracks()
            self._table["lastfm", "similar_tracks"] = self._similar_tracks
        if artist_service:
            self._near, self._top = others.similar_artists(), others.top_tracks()
            self._table["lastfm", "similar_artists"] = self._similar_artists
            self._table["lastfm", "top_tracks"] = self._top_tracks
        if artist_radio:
            self._table |= Radio(others, seed).table()
        self._services = {"lastfm", *(service for service, _family in self._table)}

    def available(self, service: str, capability: str = "") -> bool:
        return service in self._services and not capability

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
        """Nothing to what it does not know."""
        told = self._table.get((question.service, question.family))
        return told(*question.args) if told else ()

    def _similar_tracks(self, _artist: str, title: str) -> Answer:
        about = number(title)
        if about in self._unknown:
            return ()
        near = _told(self._similar[about])
        return tuple(Row(artist_name(self.artists[track]), self._names[track], match) for track, match in near)

    def _similar_artists(self, name: str) -> Answer:
        return tuple(Row(artist=artist_name(artist), match=match) for artist, match in _told(self._near[number(name)]))

    def _top_tracks(self, name: str) -> Answer:
        return tuple(Row(name, self._names[track]) for track in self._top[number(name)].tolist())

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
