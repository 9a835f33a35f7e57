"""Answers questions from the outside catalogues. `fetch` runs in threads: HTTP only, no ORM."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from recommendations.questions import Answer, Question, Row
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Track

Table = dict[tuple[str, str], Callable[..., Answer]]  # (service, family) -> who answers, given the question's args


class Services(Protocol):
    """What a run asks; `evaluate` has one that answers from other listeners' data."""

    def available(self, service: str, capability: str = "") -> bool:
        """Whether asking makes sense at all: configured, and not known to be removed."""

    def reserve(self, service: str, count: int) -> None:
        """Announces `count` calls of a service that are about to be sent; called in the main thread only.

        Raises RateLimited where so many others wait for the service that the run had better come back later.
        """

    def fetch(self, question: Question) -> Answer:
        """The answer, or a `ServiceError`."""

    def renew(self) -> None:
        """A fresh token after `TokenExpired`; called in the main thread only."""


class OutsideServices:
    """Spotify and what `recommendations.outside.answers` has of the optional services."""

    def __init__(self, spotify: SpotifyClient, meter: Meter, others: Table) -> None:
        self.spotify, self.meter = spotify, meter
        self._answer: Table = {
            ("spotify", "recommendations"): lambda *ids: _tracks(spotify.recommendations(ids)),
            ("spotify", "artist_top_tracks"): lambda id_: _tracks(spotify.artist_top_tracks(id_)),
            ("spotify", "search"): lambda query: _tracks(spotify.search_tracks(query)),
            ("spotify", "artist_albums"): lambda id_: tuple(
                Row(title=album.name, id=album.id) for album in spotify.artist_albums(id_)
            ),
            ("spotify", "album_tracks"): lambda id_, _album: _tracks(spotify.album_tracks(id_)),
            **others,
        }

    def available(self, service: str, capability: str = "") -> bool:
        alive = self.meter.capabilities.get((service, capability), True)
        return alive and any(known == service for known, _family in self._answer)

    def reserve(self, service: str, count: int) -> None:
        self.meter.reserve(service, count)

    def fetch(self, question: Question) -> Answer:
        return self._answer[question.service, question.family](*question.args)

    def renew(self) -> None:
        self.spotify.renew()


def _tracks(tracks: Iterable[Track]) -> Answer:
    return tuple(Row(track.artist.name, track.name, id=track.id, track=track) for track in tracks)
