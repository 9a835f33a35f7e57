"""The Web API's front: token, scopes, routes of each mode, and what Development Mode lost.

The contract is that of a Development-Mode app of November 2026; docs/sandbox.md says where it is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from vibe.sandbox import browse, library, playlists
from vibe.sandbox.state import Access, Sandbox
from vibe.sandbox.wire import ApiError, Call

Handler = Callable[[Call], Response]
Route = tuple[str, str, Handler, str]

# method, path, handler, family (the word the calls are counted under)
ROUTES: list[Route] = [
    ("GET", "/v1/me", library.profile, "me"),
    ("GET", "/v1/me/", library.profile, "me"),  # spotipy asks with a slash
    ("GET", "/v1/me/tracks", library.liked, "library"),
    ("GET", "/v1/me/player/recently-played", library.recent, "recent"),
    ("GET", "/v1/me/top/<any(tracks,artists):kind>", library.top, "top"),
    ("GET", "/v1/me/following", library.following, "following"),
    ("PUT", "/v1/me/library", library.save, "library_write"),
    ("DELETE", "/v1/me/library", library.drop, "library_write"),
    ("GET", "/v1/me/library/contains", library.contains, "library"),
    ("GET", "/v1/me/playlists", playlists.mine, "playlist_read"),
    ("POST", "/v1/me/playlists", playlists.create, "playlist_write"),
    ("GET", "/v1/playlists/<id>", playlists.show, "playlist_read"),
    ("PUT", "/v1/playlists/<id>", playlists.change, "playlist_write"),
    ("GET", "/v1/playlists/<id>/items", playlists.items, "playlist_read"),
    ("POST", "/v1/playlists/<id>/items", playlists.add, "playlist_write"),
    ("PUT", "/v1/playlists/<id>/items", playlists.replace, "playlist_write"),
    ("DELETE", "/v1/playlists/<id>/items", playlists.remove, "playlist_write"),
    ("GET", "/v1/playlists/<id>/images", playlists.images, "playlist_read"),
    ("PUT", "/v1/playlists/<id>/images", playlists.upload, "playlist_write"),
    ("GET", "/v1/search", browse.search, "search"),
    ("GET", "/v1/artists/<id>", browse.artist, "artist"),
    ("GET", "/v1/artists/<id>/albums", browse.artist_albums, "artist_albums"),
    ("GET", "/v1/albums/<id>", browse.album, "album"),
    ("GET", "/v1/albums/<id>/tracks", browse.album_tracks, "album_tracks"),
    ("GET", "/v1/albums/<id>/tracks/", browse.album_tracks, "album_tracks"),  # and here
    ("GET", "/v1/tracks/<id>", browse.track, "track"),
]
OLD_ROUTES: list[Route] = [
    ("POST", "/v1/users/<user>/playlists", playlists.create, "playlist_write"),
    ("GET", "/v1/playlists/<id>/tracks", playlists.items, "playlist_read"),
    ("POST", "/v1/playlists/<id>/tracks", playlists.add, "playlist_write"),
    ("PUT", "/v1/playlists/<id>/tracks", playlists.replace, "playlist_write"),
    ("DELETE", "/v1/playlists/<id>/tracks", playlists.remove, "playlist_write"),
    ("PUT", "/v1/playlists/<id>/followers", playlists.follow, "playlist_write"),
    ("DELETE", "/v1/playlists/<id>/followers", playlists.unfollow, "playlist_write"),
    ("GET", "/v1/recommendations", browse.recommendations, "recommendations"),
    ("GET", "/v1/artists/<id>/top-tracks", browse.top_tracks, "artist_top_tracks"),
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


def _map(routes: list[Route]) -> Map:
    rules = [Rule(path, methods=[method], endpoint=(handler, family)) for method, path, handler, family in routes]
    return Map(rules, strict_slashes=True, redirect_defaults=False, merge_slashes=False)


DEVELOPMENT, EXTENDED = _map(ROUTES), _map(ROUTES + OLD_ROUTES)


def family(path: str, method: str) -> str:
    """The word a call is counted under; "other" for a path nobody serves."""
    try:
        (_, name), _ = EXTENDED.bind("").match(path, method)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return "other"
    return str(name)


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises ApiError."""
    access = _access(sandbox, request)
    routes = EXTENDED if sandbox.extended else DEVELOPMENT
    try:
        (handler, name), args = routes.bind("").match(request.path, request.method)
    except (NotFound, MethodNotAllowed, RequestRedirect) as error:
        if REMOVED.fullmatch(request.path):
            raise ApiError(403, "Forbidden") from error
        status = 405 if isinstance(error, MethodNotAllowed) else 404
        raise ApiError(status, "Method not allowed" if status == 405 else "Service not found") from error
    if over := sandbox.limits.take(name, sandbox.clock.now(), has_quota=not sandbox.extended):
        raise ApiError(429, over.message, {"Retry-After": str(over.seconds)}, over.reason)
    result: Response = handler(Call(sandbox, request, access, dict(args)))
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
