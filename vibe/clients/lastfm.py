"""Last.fm's public reads through pylast. https://www.last.fm/api

pylast opens a TLS connection per call, sleeps and pages by itself, and lets bare IndexErrors out; see the guards below.
"""

from __future__ import annotations

import math
import ssl
import weakref
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TypeVar
from xml.dom.minidom import Document, Element

import httpx2
import pylast
from django.conf import settings

from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.http import OPTIONAL_TIMEOUT, USER_AGENT, Refused, ask, blocked_until
from vibe.clients.meter import Meter
from vibe.clients.text import as_name
from vibe.clients.types import SimilarArtist, SimilarTrack, Tag

LASTFM = "lastfm"
NOT_FOUND = "6"
BAD_KEY = {"10", "26"}
RATE_LIMIT = "29"
# 8, 11, 16 and the HTTP statuses pylast reports in the same field
PASSING = {"8", "11", "16", "500", "502", "503", "504"}
T = TypeVar("T")


class LastfmClient:
    """Methods raise ServiceError; what Last.fm does not know is an empty tuple. Thread-safe; one a run."""

    def __init__(self, api_key: str, meter: Meter) -> None:
        self._meter = meter
        self._transport = _KeptTransport(settings.LASTFM_API_URL)
        weakref.finalize(self, self._transport.release)
        self._network = pylast.LastFMNetwork(api_key=api_key, proxy={"https://": self._transport})
        self._network.ws_server = self._transport.ws_server

    def similar_tracks(self, artist: str, title: str, limit: int = 100) -> tuple[SimilarTrack, ...]:
        asked = {"artist": artist, "track": title, "limit": str(limit)}
        return self._rows("similar_tracks", "track.getSimilar", asked, "track", _similar_track)

    def similar_artists(self, name: str, limit: int = 50) -> tuple[SimilarArtist, ...]:
        asked = {"artist": name, "limit": str(limit)}
        return self._rows("similar_artists", "artist.getSimilar", asked, "artist", _similar_artist)

    def artist_top_tracks(self, name: str, limit: int = 20) -> tuple[str, ...]:
        """Titles, best first."""
        asked = {"artist": name, "limit": str(limit)}
        return self._rows("top_tracks", "artist.getTopTracks", asked, "track", _title)

    def tag_top_tracks(self, tag: str, limit: int = 100) -> tuple[tuple[str, str], ...]:
        """(artist, title), best known first."""
        return self._rows("tag_tracks", "tag.getTopTracks", {"tag": tag, "limit": str(limit)}, "track", _named_track)

    def artist_top_tags(self, name: str) -> tuple[Tag, ...]:
        """What listeners call the artist, most often first."""
        return self._rows("artist_tags", "artist.getTopTags", {"artist": name}, "tag", _tag)

    def _rows(
        self, family: str, method: str, asked: dict[str, str], tag: str, read: Callable[[Element], T | None]
    ) -> tuple[T, ...]:
        def once() -> tuple[T, ...]:
            document = self._document(method, asked)
            rows = (read(row) for row in document.getElementsByTagName(tag))
            return tuple(row for row in rows if row is not None)

        return ask(self._meter, LASTFM, family, once, repeatable=True)

    def _document(self, method: str, asked: dict[str, str]) -> Document:
        # Below get_similar() and get_top_tracks(), which drop autocorrect, sleep, page and fail whole on one bad row.
        request = pylast._Request(self._network, method, {**asked, "autocorrect": "1"})
        try:
            document: Document = request.execute()
        except pylast.WSError as error:
            return _answer_of(error, self._meter.clock())
        except pylast.NetworkError as error:
            raise _transport_error(error.underlying_error, self._meter.clock()) from None
        except (pylast.PyLastError, IndexError, AttributeError, UnicodeDecodeError):
            raise ServiceError(LASTFM, "malformed") from None
        return document


@cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates takes longer than a whole step of a run: once a process is enough."""
    return httpx2.create_ssl_context()


class _KeptTransport(httpx2.BaseTransport):
    """One pool of connections for all of pylast's clients, each of which closes what it was given after one call.

    Not closing is what makes it usable from several threads. It also lets LASTFM_API_URL be plain http.
    """

    def __init__(self, url: str) -> None:
        self._url = httpx2.URL(url)
        self._pool = httpx2.HTTPTransport(verify=_tls())
        self.ws_server = (self._url.netloc.decode("ascii"), self._url.path)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises Refused for HTTP 429, whose Retry-After pylast would drop."""
        request.url = request.url.copy_with(scheme=self._url.scheme)
        request.headers["User-Agent"] = USER_AGENT
        connect, wait = OPTIONAL_TIMEOUT
        request.extensions["timeout"] = {"connect": connect, "read": wait, "write": wait, "pool": wait}
        answer = self._pool.handle_request(request)
        if answer.status_code == 429:
            answer.close()
            raise Refused(429, answer.headers, "")
        return answer

    def release(self) -> None:
        self._pool.close()


def _answer_of(error: pylast.WSError, now: datetime) -> Document:
    """An empty document for what Last.fm does not know; raises for all else."""
    status = str(error.status)  # "6" for Last.fm's own codes, but 503 for HTTP's
    if status == NOT_FOUND:
        return Document()
    if status in BAD_KEY:
        raise ServiceError(LASTFM, "bad_key", permanent=True) from None
    if status == RATE_LIMIT:
        raise RateLimited(LASTFM, blocked_until(None, now)) from None
    if status in PASSING:
        raise ServiceError(LASTFM, "unavailable") from None
    raise ServiceError(LASTFM, "bad_request", permanent=True) from None


def _transport_error(error: Exception, now: datetime) -> ServiceError:
    if isinstance(error, Refused):
        return RateLimited(LASTFM, blocked_until(error.headers.get("Retry-After"), now))
    return ServiceError(LASTFM, "timeout" if isinstance(error, httpx2.TimeoutException) else "connection")


def _similar_track(row: Element) -> SimilarTrack | None:
    named, match = _named_track(row), _number(row, "match")
    return SimilarTrack(*named, min(max(match, 0.0), 1.0)) if named and match is not None else None


def _named_track(row: Element) -> tuple[str, str] | None:
    by = next((child for child in _children(row, "artist")), None)
    artist, title = (_text(by, "name") if by else ""), _text(row, "name")
    return (artist, title) if artist and title else None


def _similar_artist(row: Element) -> SimilarArtist | None:
    name, match = _text(row, "name"), _number(row, "match")
    return SimilarArtist(name, min(max(match, 0.0), 1.0)) if name and match is not None else None


def _tag(row: Element) -> Tag | None:
    name, count = _text(row, "name"), _number(row, "count")
    return Tag(name, min(max(count / 100, 0.0), 1.0)) if name and count is not None else None


def _title(row: Element) -> str | None:
    return _text(row, "name") or None


def _number(row: Element, tag: str) -> float | None:
    try:
        number = float(_text(row, tag))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _text(row: Element, tag: str) -> str:
    inside = (node for child in _children(row, tag)[:1] for node in child.childNodes)
    return as_name("".join(node.data for node in inside if node.nodeType in (node.TEXT_NODE, node.CDATA_SECTION_NODE)))


def _children(row: Element, tag: str) -> list[Element]:
    return [child for child in row.childNodes if isinstance(child, Element) and child.tagName == tag]
