"""The Web API's front: token, scopes, routes of each mode, and what Development Mode lost.

The contract is that of a Development-Mode app of November 2026; docs/sandbox.md says where it is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from werkzeug.wrappers import Request, Response

from vibe.sandbox import browse, library, playlists
from vibe.sandbox.state import Access, Sandbox
from vibe.sandbox.wire import ApiError, Call

Handler = Callable[[Call], Response]
Route = tuple[str, str, Handler, str]

ID = "(?P<id>[^/]+)"
# method, path, handler, family (the word the calls are counted under)
ROUTES: list[Route] = [
    ("GET", "/v1/me", library.profile, "me"),
    ("GET", "/v1/me/", library.profile, "me"),  # spotipy asks with a slash
    ("GET", "/v1/me/tracks", library.liked, "library"),
    ("GET", "/v1/me/player/recently-played", library.recent, "recent"),
    ("GET", "/v1/me/top/(?P<kind>tracks|artists)", library.top, "top"),
    ("GET", "/v1/me/following", library.following, "following"),
    ("PUT", "/v1/me/library", library.save, "library_write"),
    ("DELETE", "/v1/me/library", library.drop, "library_write"),
    ("GET", "/v1/me/library/contains", library.contains, "library"),
    ("GET", "/v1/me/playlists", playlists.mine, "playlist_read"),
    ("POST", "/v1/me/playlists", playlists.create, "playlist_write"),
    ("GET", f"/v1/playlists/{ID}", playlists.show, "playlist_read"),
    ("PUT", f"/v1/playlists/{ID}", playlists.change, "playlist_write"),
    ("GET", f"/v1/playlists/{ID}/items", playlists.items, "playlist_read"),
    ("POST", f"/v1/playlists/{ID}/items", playlists.add, "playlist_write"),
    ("PUT", f"/v1/playlists/{ID}/items", playlists.replace, "playlist_write"),
    ("DELETE", f"/v1/playlists/{ID}/items", playlists.remove, "playlist_write"),
    ("GET", f"/v1/playlists/{ID}/images", playlists.images, "playlist_read"),
    ("PUT", f"/v1/playlists/{ID}/images", playlists.upload, "playlist_write"),
    ("GET", "/v1/search", browse.search, "search"),
    ("GET", f"/v1/artists/{ID}", browse.artist, "artist"),
    ("GET", f"/v1/artists/{ID}/albums", browse.artist_albums, "artist_albums"),
    ("GET", f"/v1/albums/{ID}", browse.album, "album"),
    ("GET", f"/v1/albums/{ID}/tracks", browse.album_tracks, "album_tracks"),
    ("GET", f"/v1/albums/{ID}/tracks/", browse.album_tracks, "album_tracks"),  # and here
    ("GET", f"/v1/tracks/{ID}", browse.track, "track"),
]
OLD_ROUTES: list[Route] = [
    ("POST", "/v1/users/(?P<user>[^/]+)/playlists", playlists.create, "playlist_write"),
    ("GET", f"/v1/playlists/{ID}/tracks", playlists.items, "playlist_read"),
    ("POST", f"/v1/playlists/{ID}/tracks", playlists.add, "playlist_write"),
    ("PUT", f"/v1/playlists/{ID}/tracks", playlists.replace, "playlist_write"),
    ("DELETE", f"/v1/playlists/{ID}/tracks", playlists.remove, "playlist_write"),
    ("PUT", f"/v1/playlists/{ID}/followers", playlists.follow, "playlist_write"),
    ("DELETE", f"/v1/playlists/{ID}/followers", playlists.unfollow, "playlist_write"),
    ("GET", "/v1/recommendations", browse.recommendations, "recommendations"),
    ("GET", f"/v1/artists/{ID}/top-tracks", browse.top_tracks, "artist_top_tracks"),
    ("GET", "/v1/tracks", browse.several_tracks, "track"),
]
FAMILIES = frozenset(family for *_route, family in ROUTES + OLD_ROUTES)
# What Development Mode lost, other than OLD_ROUTES; apps of both modes get 403 here.
REMOVED = re.compile(
    r"/v1/(?:(?:tracks|albums|artists|shows|episodes|audiobooks|chapters|markets)/?"
    r"|(?:users|browse|audio-features|audio-analysis|recommendations)(?:/.*)?"
    r"|artists/[^/]+/(?:related-artists|top-tracks)|playlists/[^/]+/(?:tracks|followers(?:/contains)?)"
    r"|me/(?:tracks|albums|shows|episodes|audiobooks|following)(?:/contains)?)"
)


def family(path: str, method: str) -> str:
    """The word a call is counted under; "other" for a path nobody serves."""
    found = _found(ROUTES + OLD_ROUTES, path, method)
    return "other" if isinstance(found, int) else found[1]


def _found(routes: list[Route], path: str, method: str) -> tuple[Handler, str, dict[str, str]] | int:
    """Who answers, the family, and what the path names; or the status of a refusal."""
    status = 404
    for verb, pattern, handler, name in routes:
        if match := re.fullmatch(pattern, path):
            if verb == ("GET" if method == "HEAD" else method):
                return handler, name, match.groupdict()
            status = 405
    return status


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises ApiError."""
    access = _access(sandbox, request)
    found = _found(ROUTES + OLD_ROUTES if sandbox.extended else ROUTES, request.path, request.method)
    if isinstance(found, int):
        if REMOVED.fullmatch(request.path):
            raise ApiError(403, "Forbidden")
        raise ApiError(found, "Method not allowed" if found == 405 else "Service not found")
    handler, name, args = found
    if over := sandbox.limits.take(name, sandbox.clock.now(), has_quota=not sandbox.extended):
        raise ApiError(429, over.message, {"Retry-After": str(over.seconds)}, over.reason)
    result: Response = handler(Call(sandbox, request, access, args))
    return result


def _access(sandbox: Sandbox, request: Request) -> Access:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("No token provided", "")
    access = sandbox.accesses.get(token)
    if access is None:
        raise _unauthorized("Invalid access token", "invalid_token")
    if sandbox.clock.now() >= access.expires_at:
        raise _unauthorized("The access token expired", "invalid_token")
    return access


def _unauthorized(message: str, error: str) -> ApiError:
    challenge = 'Bearer realm="spotify"' + (f', error="{error}", error_description="{message}"' if error else "")
    return ApiError(401, message, {"WWW-Authenticate": challenge})
