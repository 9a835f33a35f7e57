"""Where playlists are at Spotify: which bear a marker, which stand in the library, what they are called by now."""

from __future__ import annotations

from vibe.clients.errors import ServiceError
from vibe.clients.spotify import PAGE, SpotifyClient
from vibe.clients.types import Playlist

PAGES = 4  # of the library, read before it is said that a playlist is not there


def bears(marker: str, playlist: Playlist) -> bool:
    """Whether the run with this marker has made the playlist; an empty marker, which should not be, names nobody's."""
    return bool(marker) and marker in playlist.description


def marked(marker: str, client: SpotifyClient, pages: int = 1) -> list[Playlist]:
    """The playlists of the library that bear `marker`: one, or more where an answer came too late."""
    return [one for one in client.my_playlists(pages) if bears(marker, one)]


def look(playlist_id: str, client: SpotifyClient) -> Playlist | None:
    """The playlist as it is now, in the library or not; None where Spotify knows it no more."""
    try:
        return client.playlist(playlist_id)
    except ServiceError as error:
        if error.status != 404:
            raise
    return None


def in_library(playlist_id: str, client: SpotifyClient) -> Playlist | None:
    """The playlist, if the listener still has it. One call as a rule.

    GET /playlists/{id} cannot tell: Spotify deletes nothing, an unfollowed playlist answers as before. The list of
    the library can, shows name and description too, but lags and is long. GET /me/library/contains answers just this
    question; which scopes it wants of a playlist, and whether an owner counts as a follower, is written nowhere.
    So a listing that shows it is believed at once, and only where both deny it, or the whole library was read
    without it, is it gone: a mistake would cost a second playlist a day.
    """
    if found := _listed(playlist_id, client.my_playlists()):
        return found
    contained = client.has_playlist(playlist_id)
    if not contained:
        library = client.my_playlists(PAGES)
        if found := _listed(playlist_id, library):
            return found
        if contained is False or len(library) < PAGES * PAGE:
            return None
    return look(playlist_id, client)


def _listed(playlist_id: str, library: tuple[Playlist, ...]) -> Playlist | None:
    return next((one for one in library if one.id == playlist_id), None)
