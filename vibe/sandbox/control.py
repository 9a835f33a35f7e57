"""`/_sandbox/`: what came in, what was made, the clock, the faults. No vendor has these."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from vibe.sandbox import covers
from vibe.sandbox.accounts import KNOWN_SCOPES
from vibe.sandbox.control_body import ControlError, body_of, whole
from vibe.sandbox.faults import KINDS, parse
from vibe.sandbox.limits import EVERY, TOTAL
from vibe.sandbox.shapes import account_id
from vibe.sandbox.spotify import FAMILIES
from vibe.sandbox.state import Account, Grant, Playlist, Sandbox
from vibe.sandbox.wire import as_json, empty
from vibe.sandbox.world import Like, Play, Track

LARGEST_CROWD = 100_000


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Raises ControlError, FaultError."""
    name, _, rest = request.path.removeprefix("/_sandbox/").partition("/")
    if name == "cover" and request.method == "GET":
        return _cover(sandbox, rest)
    if name == "covers" and request.method == "GET":
        return Response(covers.drawn(rest), mimetype="image/svg+xml")
    handler = HANDLERS.get((request.method, name)) if not rest else None
    if handler is None:
        known = ", ".join(sorted(f"{method} /_sandbox/{one}" for method, one in HANDLERS))
        known += ", and those of /_sandbox/telegram/"
        return as_json({"error": f"there are {known}"}, 404)
    return as_json(handler(sandbox, request))


def calls(sandbox: Sandbox, request: Request) -> Any:
    listed = list(sandbox.calls)
    if request.args.get("clear") == "1":
        sandbox.calls.clear()
    return listed


def forget_calls(sandbox: Sandbox, _request: Request) -> Any:
    sandbox.calls.clear()
    return []


def state(sandbox: Sandbox, _request: Request) -> Any:
    linked: dict[str, Any] = {}
    for grant in sandbox.refreshes.values():
        row = linked.setdefault(grant.account.id, {"scopes": [], "authorized_at": ""})
        row["scopes"], row["authorized_at"] = sorted(grant.scopes), grant.at.isoformat()
    return {
        "now": sandbox.clock.now().isoformat(),
        "mode": "extended" if sandbox.extended else "development",
        "playlists": [_playlist(sandbox, one) for one in sandbox.playlists.values()],
        "linked": linked,
        "messages": sandbox.messages,
    }


def _playlist(sandbox: Sandbox, one: Playlist) -> dict[str, Any]:
    return {
        "id": one.id,
        "owner": one.owner.id,
        "name": one.name,
        "description": one.description,
        "public": one.public,
        "created_at": one.created_at.isoformat(),
        "followed": one in one.owner.playlists,
        "tracks": [_track(sandbox, entry.track_id) for entry in one.entries],
    }


def _track(sandbox: Sandbox, track_id: str) -> dict[str, Any]:
    track = sandbox.world.tracks[track_id]
    return {
        "id": track_id,
        "name": track.name,
        "artists": [artist.name for artist in track.artists],
        "isrc": track.isrc,
    }


def listeners(sandbox: Sandbox, _request: Request) -> Any:
    return [
        {
            "id": one.id,
            "account_id": account_id(one),
            "name": one.name,
            "likes": len(one.likes),
            "plays": len(one.plays),
        }
        for one in sandbox.accounts.values()
    ]


def add_listeners(sandbox: Sandbox, request: Request) -> Any:
    """A crowd for a load test: `{"count", "like"}`; their ids. `likes`, `plays`: track ids, instead of the other's."""
    sent = body_of(request, dict)
    like = sandbox.accounts.get(str(sent.get("like")))
    if like is None:
        raise ControlError("like must be the id of a listener")
    count = whole(sent, "count", most=LARGEST_CROWD)
    own = {name: _own_tracks(sandbox, sent[name], name) for name in ("likes", "plays") if name in sent}
    crowd = sandbox.add_crowd(count, like)
    for one in crowd:
        if "likes" in own:
            one.likes = [Like(track, at) for track, at in own["likes"]]
        if "plays" in own:
            one.plays = [Play(track, at, "") for track, at in own["plays"]]
    return {"listeners": [one.id for one in crowd]}


def _own_tracks(sandbox: Sandbox, ids: Any, name: str) -> list[tuple[Track, datetime]]:
    """An hour between two, the newest first."""
    known, now = sandbox.world.tracks, sandbox.clock.now()
    if not isinstance(ids, list) or any(not isinstance(key, str) or key not in known for key in ids):
        raise ControlError(f"{name} must be a list of track ids")
    return [(known[key], now - timedelta(hours=1 + n)) for n, key in enumerate(ids)]


def issue_tokens(sandbox: Sandbox, request: Request) -> Any:
    """Links many at one call: `{"listeners": [ids], "client_id", "days" (30)}`; by id what a sign-in would bring."""
    sent = body_of(request, dict)
    ids, client_id = sent.get("listeners"), str(sent.get("client_id") or "")
    if not isinstance(ids, list) or not client_id:
        raise ControlError("listeners must be a list of ids, and client_id the client that will refresh the tokens")
    if unknown := [key for key in ids if not isinstance(key, str) or key not in sandbox.accounts]:
        raise ControlError(f"there is no listener {str(unknown[0])[:80]!r}")
    life = timedelta(days=whole({"days": 30} | sent, "days", most=3650))
    return {key: _linked(sandbox, sandbox.accounts[key], client_id, life) for key in ids}


def _linked(sandbox: Sandbox, account: Account, client_id: str, life: timedelta) -> dict[str, Any]:
    grant = Grant(account, client_id, KNOWN_SCOPES, sandbox.clock.now(), "")
    return {
        "account_id": account_id(account),
        "access_token": sandbox.issue_access(account, KNOWN_SCOPES, life),
        "refresh_token": sandbox.issue_refresh(grant),
        "expires_in": int(life.total_seconds()),
        "scope": " ".join(sorted(KNOWN_SCOPES)),
    }


def limits(sandbox: Sandbox, _request: Request) -> Any:
    return sandbox.limits.listed()


def set_limits(sandbox: Sandbox, request: Request) -> Any:
    """`{"rate", "daily": a number for each family, or {family: number}}`; what is missing is no limit."""
    sent = body_of(request, dict)
    daily = sent.get("daily", 0)
    daily = daily if isinstance(daily, dict) else {EVERY: daily}
    if unknown := set(daily) - FAMILIES - {EVERY, TOTAL}:
        raise ControlError(f"there is no family {', '.join(sorted(unknown))}")
    quotas = {name: whole(daily, name) for name in daily}
    sandbox.limits.set(whole({"rate": 0} | sent, "rate"), quotas)
    return limits(sandbox, request)


def clock(sandbox: Sandbox, _request: Request) -> Any:
    return {"now": sandbox.clock.now().isoformat()}


def set_clock(sandbox: Sandbox, request: Request) -> Any:
    sandbox.clock.set(_moment(body_of(request, dict), "now"))
    return clock(sandbox, request)


def add_play(sandbox: Sandbox, request: Request) -> Any:
    """Somebody listens: `{"listener", "track", "at" (now), "context" ("")}`."""
    sent = body_of(request, dict)
    account = sandbox.accounts.get(str(sent.get("listener")))
    track = sandbox.world.tracks.get(str(sent.get("track")))
    if account is None or track is None:
        raise ControlError("listener and track must be ids of the world")
    at = _moment(sent, "at") if "at" in sent else sandbox.clock.now()
    account.plays.append(Play(track, at, str(sent.get("context") or "")))
    account.plays.sort(key=lambda play: play.played_at, reverse=True)
    return {"plays": len(account.plays)}


def faults(sandbox: Sandbox, _request: Request) -> Any:
    return {"faults": sandbox.faults.listed(), "kinds": {kind: list(options) for kind, options in KINDS.items()}}


def add_faults(sandbox: Sandbox, request: Request) -> Any:
    sent = body_of(request, (dict, list))
    sandbox.faults.add([parse(row) for row in (sent if isinstance(sent, list) else [sent])])
    return faults(sandbox, request)


def clear_faults(sandbox: Sandbox, request: Request) -> Any:
    sandbox.faults.clear()
    return faults(sandbox, request)


def _moment(sent: dict[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(sent.get(name, ""))
    except (TypeError, ValueError) as error:
        raise ControlError(f"{name} must be a time as 2026-11-22T07:30:00+00:00") from error
    if not 2000 <= moment.year <= 2100:  # tokens and shifted dates must stay within what a date can be
        raise ControlError(f"{name} must lie between the years 2000 and 2100")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cover(sandbox: Sandbox, playlist_id: str) -> Response:
    playlist = sandbox.playlists.get(playlist_id)
    try:
        image = base64.b64decode(playlist.cover) if playlist else b""
    except binascii.Error:
        image = b""
    return Response(image, content_type="image/jpeg") if image else empty(404)


Handler = Callable[[Sandbox, Request], Any]
HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "calls"): calls,
    ("DELETE", "calls"): forget_calls,
    ("GET", "state"): state,
    ("GET", "listeners"): listeners,
    ("POST", "listeners"): add_listeners,
    ("POST", "tokens"): issue_tokens,
    ("GET", "limits"): limits,
    ("POST", "limits"): set_limits,
    ("GET", "clock"): clock,
    ("POST", "clock"): set_clock,
    ("POST", "plays"): add_play,
    ("GET", "faults"): faults,
    ("POST", "faults"): add_faults,
    ("DELETE", "faults"): clear_faults,
}
