"""What each fault does to an answer. `serve` is the request's own handling, not yet done."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox import deezer, listenbrainz, listenbrainz_labs, musicbrainz, oddities, reccobeats
from vibe.sandbox.accounts import GrantError
from vibe.sandbox.faults import Fault
from vibe.sandbox.lastfm_wire import LastfmError
from vibe.sandbox.state import Sandbox
from vibe.sandbox.telegram_wire import TelegramError
from vibe.sandbox.wire import ApiError, empty, server_error

Serve = Callable[[], Response]
FORBIDDEN = {
    "removed": "Forbidden",
    "not_registered": "The user is not registered for this application. Please check your settings on "
    "https://developer.spotify.com/dashboard.",
    "premium": "Active premium subscription required for the owner of the app. When the subscription status changes, "
    "it can take a few hours before requests are allowed again.",
    "scope": "Insufficient client scope",
}

THROTTLED = {
    "listenbrainz": listenbrainz.throttled,
    "listenbrainz_labs": listenbrainz_labs.throttled,
    "musicbrainz": musicbrainz.throttled,
    "deezer": deezer.throttled,
    "reccobeats": reccobeats.throttled,
}


class Dropped(Exception):
    """The connection is to be closed without an answer; `status` is what would have been sent."""

    def __init__(self, status: int) -> None:
        super().__init__("dropped")
        self.status = status


def misbehave(fault: Fault, service: str, sandbox: Sandbox, request: Request, serve: Serve) -> Response:
    """Raises the vendors' errors, and Dropped."""
    if fault.kind in BEFORE:
        return BEFORE[fault.kind](fault, service)
    if fault.kind == "slow":
        time.sleep(float(fault.options.get("seconds", 5)))
        return serve()
    return AFTER[fault.kind](fault, sandbox, request, serve())


def _rate_limit(fault: Fault, service: str) -> Response:
    seconds = int(fault.options.get("seconds", 2))
    if service == "telegram":
        raise TelegramError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
    if service == "lastfm":
        raise LastfmError(29)
    if service in THROTTLED:
        raise THROTTLED[service](seconds)
    raise ApiError(429, "API rate limit exceeded", {"Retry-After": str(seconds)})


def _quota(fault: Fault, _service: str) -> Response:
    headers = {"Retry-After": str(int(fault.options.get("seconds", 86207)))}
    raise ApiError(429, "Too many requests", headers, reason="QUOTA_EXCEEDED")


def _expired(_fault: Fault, _service: str) -> Response:
    raise ApiError(
        401, "The access token expired", {"WWW-Authenticate": 'Bearer realm="spotify", error="invalid_token"'}
    )


def _server_error(fault: Fault, _service: str) -> Response:
    return server_error(int(fault.options.get("status", 502)))


def _forbidden(fault: Fault, _service: str) -> Response:
    raise ApiError(403, FORBIDDEN[fault.options.get("reason", "removed")])


def _not_found(_fault: Fault, service: str) -> Response:
    if service == "lastfm":
        raise LastfmError(6)
    if service == "deezer":
        raise deezer.DeezerError(800)
    return empty(404)


def _invalid_grant(fault: Fault, _service: str) -> Response:
    raise GrantError("invalid_grant", f"Refresh token {fault.options.get('reason', 'revoked')}")


def _lastfm_error(fault: Fault, _service: str) -> Response:
    raise LastfmError(int(fault.options.get("code", 8)), status=int(fault.options.get("status", 0)))


def _deezer_error(fault: Fault, _service: str) -> Response:
    raise deezer.DeezerError(int(fault.options.get("code", 700)))


def _blocked(_fault: Fault, _service: str) -> Response:
    raise TelegramError(403, "Forbidden: bot was blocked by the user")


def _chat_not_found(_fault: Fault, _service: str) -> Response:
    raise TelegramError(400, "Bad Request: chat not found")


def _unauthorized(_fault: Fault, _service: str) -> Response:
    raise TelegramError(401, "Unauthorized")


def _timeout(fault: Fault, _sandbox: Sandbox, request: Request, response: Response) -> Response:
    """The write was applied; the answer never comes, or comes after any sensible time-out."""
    if fault.options.get("mode", "hang") == "hang":
        time.sleep(float(fault.options.get("seconds", 30)))
        return response
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    raise Dropped(response.status_code)


def _malformed(_fault: Fault, _sandbox: Sandbox, _request: Request, response: Response) -> Response:
    """The right status and type, and the body broken off."""
    body = response.get_data()
    response.set_data(body[: max(1, len(body) // 2)] or b"{")
    return response


def _empty(_fault: Fault, _sandbox: Sandbox, _request: Request, response: Response) -> Response:
    """The right shape with nothing in it."""
    if response.mimetype == "text/xml":
        return _emptied_xml(response)
    return _changed(response, _emptied)


def _emptied_xml(response: Response) -> Response:
    text = response.get_data(as_text=True)
    response.set_data(re.sub(r"(<lfm[^>]*><\w+[^>]*>).*(</\w+></lfm>)$", r"\1\2", text, flags=re.DOTALL))
    return response


def _emptied(content: Any) -> Any:
    if isinstance(content, list):
        return []
    if not isinstance(content, dict):
        return content
    emptied = {key: [] if isinstance(value, list) else _emptied(value) for key, value in content.items()}
    if "total" in emptied:
        emptied["total"] = 0
    if "next" in emptied:
        emptied["next"] = None
    return emptied


def _odd_rows(fault: Fault, _sandbox: Sandbox, _request: Request, response: Response) -> Response:
    """Rows as they really occur, beside what is there or, with `only`, instead of it."""
    return _changed(response, partial(oddities.odd_rows, only=bool(fault.options.get("only", False))))


def _unplayable(fault: Fault, _sandbox: Sandbox, _request: Request, response: Response) -> Response:
    """So large a share of the tracks can't be played in the listener's market."""
    return _changed(response, partial(oddities.restricted, share=float(fault.options.get("share", 1))))


def _not_kept(fault: Fault, sandbox: Sandbox, request: Request, response: Response) -> Response:
    """The write was applied, and so large a share of the playlist's tracks is not there afterwards."""
    with sandbox.lock:
        written = next((one for key, one in sandbox.playlists.items() if key in request.path), None)
        if written:
            share = float(fault.options.get("share", 0.5))
            written.entries[:] = [one for one in written.entries if not oddities.is_among(one.track_id, share)]
    return response


def _changed(response: Response, change: Callable[[Any], Any]) -> Response:
    if response.status_code < 300 and response.mimetype == "application/json":
        response.set_data(json.dumps(change(json.loads(response.get_data())), ensure_ascii=False))
    return response


def _dead_ids(fault: Fault, _sandbox: Sandbox, _request: Request, response: Response) -> Response:
    """The first `rows` that have an id of Spotify's have one that is not there any more."""
    return _changed(response, lambda rows: listenbrainz_labs.with_dead_ids(rows, int(fault.options.get("rows", 1))))


def _refresh_rotated(_fault: Fault, sandbox: Sandbox, request: Request, response: Response) -> Response:
    """A new refresh token comes back, and the old one is dead."""
    with sandbox.lock:
        grant = sandbox.refreshes.pop(request.form.get("refresh_token", ""), None)
        new = sandbox.issue_refresh(grant) if grant else ""
    return _changed(response, lambda content: content | {"refresh_token": new})


def _refresh_empty(_fault: Fault, _sandbox: Sandbox, _request: Request, response: Response) -> Response:
    return _changed(response, lambda content: content | {"refresh_token": ""})


def _playlist_lag(fault: Fault, sandbox: Sandbox, _request: Request, response: Response) -> Response:
    """The new playlist stays out of /me/playlists for so many seconds of the clock, or so many listings."""
    if response.status_code == 201:
        with sandbox.lock:
            made = sandbox.playlists[json.loads(response.get_data())["id"]]
            made.hidden_lists = int(fault.options.get("lists", 0))
            seconds = float(fault.options.get("seconds", 0 if made.hidden_lists else 10))
            made.hidden_until = sandbox.clock.now() + timedelta(seconds=seconds)
    return response


BEFORE: dict[str, Callable[[Fault, str], Response]] = {
    "rate_limit": _rate_limit,
    "quota": _quota,
    "expired": _expired,
    "server_error": _server_error,
    "forbidden": _forbidden,
    "not_found": _not_found,
    "invalid_grant": _invalid_grant,
    "lastfm_error": _lastfm_error,
    "deezer_error": _deezer_error,
    "blocked": _blocked,
    "chat_not_found": _chat_not_found,
    "unauthorized": _unauthorized,
}
AFTER: dict[str, Callable[[Fault, Sandbox, Request, Response], Response]] = {
    "timeout_after_write": _timeout,
    "malformed": _malformed,
    "empty": _empty,
    "dead_ids": _dead_ids,
    "odd_rows": _odd_rows,
    "unplayable": _unplayable,
    "not_kept": _not_kept,
    "refresh_rotated": _refresh_rotated,
    "refresh_empty": _refresh_empty,
    "playlist_lag": _playlist_lag,
}
