"""The Spotify Web API for one listener, through spotipy: the contract of a Development-Mode app of today.

https://developer.spotify.com/documentation/web-api; the traps and their guards: docs/outside-services.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import requests
from django.conf import settings

from vibe.clients import spotify_json as read
from vibe.clients.errors import Gone, NotAllowed, ServiceError, TokenExpired
from vibe.clients.http import TIMEOUT, Refused, ask, session, transport_error
from vibe.clients.meter import Meter
from vibe.clients.spotify_contents import held, one_line
from vibe.clients.spotify_errors import SPOTIFY, NoRoute, refusal
from vibe.clients.types import Album, Me, PlayedItem, Playlist, SavedPage, Track

PAGE = 50
SHORT_PAGE = 10  # search and artist albums refuse more
CHUNK = 100  # URIs in one write
CONTAINS = "me/library/contains"
ALL_PAGES = 200  # of the longest playlist
T = TypeVar("T")


class SpotifyClient:
    """Methods raise ServiceError. One a run; its methods may be called from any thread.

    A 401 is answered by one `renew()` and one repeat in the thread that built the client (the caller's `renew` may
    touch the database); in any other it raises TokenExpired, and that thread's owner calls `renew()`.
    `market` is the listener's country; without one SPOTIFY_DEFAULT_MARKET counts.
    """

    def __init__(self, token: str, meter: Meter, renew: Callable[[], str] | None = None, market: str = "") -> None:
        self._token, self._meter, self._renew = token, meter, renew
        self._market = market or settings.SPOTIFY_DEFAULT_MARKET or None
        self._thread = threading.get_ident()

    def renew(self) -> None:
        """Takes a fresh access token for the calls to come. Raises TokenExpired where none can be had."""
        if self._renew is None:
            raise TokenExpired(SPOTIFY)
        self._token = self._renew()

    def me(self) -> Me:
        return self._ask("me", lambda web: read.me(web.me()))

    def saved_page(self, offset: int) -> SavedPage:
        """Fifty liked tracks, newest first. No market: relinked ids would not match the next sync's."""
        return self._ask(
            "library", lambda web: read.saved_page(web.current_user_saved_tracks(limit=PAGE, offset=offset))
        )

    def recently_played(self) -> tuple[PlayedItem, ...]:
        """The last fifty plays, newest first; Spotify keeps no more."""
        return self._ask("recent", lambda web: read.played(web.current_user_recently_played(limit=PAGE)))

    def search_tracks(self, query: str, limit: int = SHORT_PAGE) -> tuple[Track, ...]:
        limit = min(limit, SHORT_PAGE)
        return self._ask(
            "search",
            lambda web: read.found_tracks(web.search(query, limit=limit, type="track", market=self._market)),
        )

    def artist_albums(self, artist_id: str) -> tuple[Album, ...]:
        """The ten newest albums and singles. (spotipy's own call asks for 20, which is refused.)"""
        return self._ask(
            "artist_albums",
            lambda web: read.albums(
                web._get(
                    f"artists/{web._get_id('artist', artist_id)}/albums",
                    include_groups="album,single",
                    limit=SHORT_PAGE,
                    market=self._market,
                )
            ),
        )

    def album_tracks(self, album_id: str) -> tuple[Track, ...]:
        """Simplified tracks: no album name, no ISRC."""
        return self._ask(
            "album_tracks",
            lambda web: read.tracks(read.rows(web.album_tracks(album_id, limit=PAGE, market=self._market))),
        )

    def artist_top_tracks(self, artist_id: str) -> tuple[Track, ...]:
        """Raises Gone for an app that Spotify no longer serves this."""
        return self._ask_capability(
            "artist_top_tracks",
            lambda web: read.listed_tracks(
                web._get(f"artists/{web._get_id('artist', artist_id)}/top-tracks", market=self._market)
            ),
        )

    def recommendations(self, track_ids: Sequence[str], limit: int = PAGE) -> tuple[Track, ...]:
        """From at most five seeds. Raises Gone for an app that Spotify no longer serves this."""
        seeds = ",".join(track_ids[:5])
        return self._ask_capability(
            "recommendations",
            lambda web: read.listed_tracks(
                web._get("recommendations", seed_tracks=seeds, limit=limit, market=self._market)
            ),
        )

    def create_playlist(self, name: str, description: str, public: bool) -> Playlist:
        """Never repeated on a failure: look in `my_playlists` whether it was made after all."""
        said = one_line(description)
        return self._ask(
            "playlist_write",
            lambda web: read.created(web.current_user_playlist_create(name, public=public, description=said)),
            repeatable=False,
        )

    def add_items(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Never repeated on a failure: it might add twice."""
        for first in range(0, len(uris), CHUNK):
            self._write_items("_post", playlist_id, uris[first : first + CHUNK], repeatable=False)

    def replace_items(self, playlist_id: str, uris: Sequence[str]) -> None:
        """The playlist holds exactly `uris` afterwards. Called again after a failure it does no harm."""
        self._write_items("_put", playlist_id, uris[:CHUNK], repeatable=True)
        self.add_items(playlist_id, uris[CHUNK:])

    def playlist_items(self, playlist_id: str) -> tuple[tuple[str, Track | None], ...]:
        """All that the playlist holds: each URI, and the track where it is one."""
        return self._paged(lambda web, offset: web.playlist_items(playlist_id, limit=PAGE, offset=offset), held)

    def playlist_uris(self, playlist_id: str) -> tuple[str, ...]:
        return tuple(uri for uri, _track in self.playlist_items(playlist_id))

    def my_playlists(self, pages: int = 1) -> tuple[Playlist, ...]:
        """The library's playlists, fifty a page; new ones come first as a rule, which nobody promises."""
        found = self._paged(lambda web, at: web.current_user_playlists(limit=PAGE, offset=at), read.playlists, pages)
        # A list that moves while the pages are read stands on two of them.
        return tuple({one.id: one for one in found}.values())

    def playlist(self, playlist_id: str) -> Playlist:
        """Name and description as they are now. A playlist that was unfollowed is still there to be read.

        https://developer.spotify.com/documentation/web-api/reference/get-playlist
        """
        fields = "id,name,description,owner(id),external_urls"
        return self._ask(
            "playlist_read",
            lambda web: read.created(web._get(f"playlists/{web._get_id('playlist', playlist_id)}", fields=fields)),
        )

    def has_playlist(self, playlist_id: str) -> bool | None:
        """Whether the library holds it; None where this app, or this consent (the scopes are in doubt), is not told.

        https://developer.spotify.com/documentation/web-api/reference/check-library-contains
        """
        asked = {"uris": f"spotify:playlist:{playlist_id}"}
        try:
            return self._ask_capability("library_contains", lambda web: read.flag(web._get(CONTAINS, **asked)))
        except (Gone, NotAllowed):
            return None

    def describe_playlist(self, playlist_id: str, description: str) -> None:
        """A new description; the name stays what it is. Called again after a failure it does no harm."""
        said = one_line(description)
        self._ask(
            "playlist_write",
            lambda web: web._put(f"playlists/{web._get_id('playlist', playlist_id)}", payload={"description": said}),
        )

    def unfollow(self, playlist_id: str) -> None:
        """Takes the playlist out of the library; an older app may only have the route that was removed for others."""
        known_gone = self._meter.capabilities.get((SPOTIFY, "library_uris")) is False
        if not known_gone and self._left_library(f"spotify:playlist:{playlist_id}"):
            return
        self._ask("playlist_write", lambda web: web.current_user_unfollow_playlist(playlist_id))
        if not known_gone:
            # Only now, when the other route has worked, was it the route that failed and not the request.
            self._meter.mark(SPOTIFY, "library_uris", False)

    def _left_library(self, uri: str) -> bool:
        try:
            self._ask("playlist_write", lambda web: web._delete("me/library", uris=uri))
        except NoRoute:
            return False
        return True

    def _write_items(self, verb: str, playlist_id: str, uris: Sequence[str], *, repeatable: bool) -> None:
        # spotipy sends a bare array, which no page of the documentation knows.
        body = {"uris": list(uris)}
        self._ask(
            "playlist_write",
            lambda web: getattr(web, verb)(f"playlists/{web._get_id('playlist', playlist_id)}/items", payload=body),
            repeatable=repeatable,
        )

    def _paged(
        self, get: Callable[[Any, int], Any], rows: Callable[[Any], tuple[T, ...]], pages: int = ALL_PAGES
    ) -> tuple[T, ...]:
        """By offset: a `next` link would take the token where it points."""
        found: list[T] = []
        for offset in range(0, pages * PAGE, PAGE):
            turn = partial(read.page, get=get, rows_of=rows, offset=offset, size=PAGE)
            page, is_last = self._ask("playlist_read", turn)
            found += page
            if is_last:
                break
        return tuple(found)

    def _ask_capability(self, capability: str, send: Callable[[Any], T]) -> T:
        if self._meter.capabilities.get((SPOTIFY, capability)) is False:
            raise Gone(SPOTIFY, capability)
        try:
            answer = self._ask(capability, send)
        except NoRoute as refused:
            self._meter.mark(SPOTIFY, capability, False)
            raise Gone(SPOTIFY, capability, refused.status) from None
        self._meter.mark(SPOTIFY, capability, True)
        return answer

    def _ask(self, family: str, send: Callable[[Any], T], *, repeatable: bool = True) -> T:
        def once() -> T:
            return self._send(send)

        try:
            return ask(self._meter, SPOTIFY, family, once, repeatable=repeatable)
        except TokenExpired:
            if self._renew is None or threading.get_ident() != self._thread:
                raise
        self.renew()
        return ask(self._meter, SPOTIFY, family, once, repeatable=repeatable)

    def _send(self, send: Callable[[Any], T]) -> T:
        import spotipy  # with the redis and asyncio it brings, a tenth of a start; few commands send anything

        # A client for each call costs microseconds, and always holds the newest token and this thread's session.
        web = spotipy.Spotify(auth=self._token, requests_session=session(), requests_timeout=TIMEOUT)  # type: ignore[no-untyped-call]
        web.prefix = settings.SPOTIFY_API_URL
        try:
            return send(web)
        except Refused as refused:
            raise refusal(refused, self._meter.clock()) from None
        except requests.RequestException as error:
            raise transport_error(SPOTIFY, error) from None
        except spotipy.SpotifyException:
            # Only its own check of ids is left to raise this: everything an answer says was a Refused before.
            raise ServiceError(SPOTIFY, "bad_request", permanent=True) from None
