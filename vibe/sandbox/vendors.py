"""The vendors a sandbox stands in for. To add one: a module with what a `Vendor` has, and its name in `VENDORS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from vibe.sandbox import (
    accounts,
    deezer,
    lastfm,
    listenbrainz,
    listenbrainz_labs,
    musicbrainz,
    reccobeats,
    spotify,
    telegram,
)
from vibe.sandbox.lastfm_wire import LastfmError
from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_wire import TelegramError
from vibe.sandbox.wire import ApiError, VendorError, empty

Handler = Callable[[Sandbox, Request], Response]


class Vendor(NamedTuple):
    prefixes: tuple[str, ...]  # of its paths
    answer: Handler
    refusal: Callable[[int], VendorError]  # a status in its words
    family: Callable[[Request], str]  # the word its calls are counted under


def asked(service: str, request: Request) -> dict[str, str]:
    """The parameters of a call; those of Last.fm may stand in the body."""
    try:
        return dict(request.values if service == "lastfm" else request.args)
    except HTTPException:
        return {}


def _accounts(sandbox: Sandbox, request: Request) -> Response:
    if request.path == "/authorize" and request.method in ("GET", "POST"):
        return accounts.authorize(sandbox, request)
    if request.path == "/api/token" and request.method == "POST":
        return accounts.token(sandbox, request)
    return empty(405)


def _method(request: Request) -> str:
    method = asked("lastfm", request).get("method", "")
    return lastfm.FAMILIES.get(method.casefold(), method)


def _last_part(request: Request) -> str:
    return request.path.rsplit("/", 1)[-1]


VENDORS: dict[str, Vendor] = {
    "spotify": Vendor(
        ("/v1/",),
        spotify.answer,
        lambda status: ApiError(status, "Bad request"),
        lambda request: spotify.family(request.path, request.method),
    ),
    "accounts": Vendor(
        ("/authorize", "/api/token"),
        _accounts,
        lambda _status: accounts.GrantError("invalid_request", "Bad request"),
        lambda request: "token" if request.path == "/api/token" else _last_part(request),
    ),
    "lastfm": Vendor(
        ("/2.0",), lastfm.answer, lambda _status: LastfmError(6, "Invalid parameters", status=400), _method
    ),
    "listenbrainz": Vendor(("/1/",), listenbrainz.answer, listenbrainz.refusal, listenbrainz.family),
    "listenbrainz_labs": Vendor(
        ("/similar-", "/spotify-id-"), listenbrainz_labs.answer, listenbrainz_labs.refusal, listenbrainz_labs.family
    ),
    "musicbrainz": Vendor(("/ws/2/",), musicbrainz.answer, musicbrainz.refusal, musicbrainz.family),
    "deezer": Vendor(("/deezer/",), deezer.answer, deezer.refusal, deezer.family),
    "reccobeats": Vendor(("/reccobeats/",), reccobeats.answer, reccobeats.refusal, reccobeats.family),
    "telegram": Vendor(("/bot",), telegram.answer, lambda status: TelegramError(status, "Bad Request"), _last_part),
}
