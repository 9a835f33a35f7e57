"""What a listener does with a playlist on its page: plays a track of it, likes one, takes one out."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from vibe.sandbox.control_body import ControlError
from vibe.sandbox.state import Playlist, Sandbox
from vibe.sandbox.world import Like, Play, Track


def answer(sandbox: Sandbox, request: Request) -> Response | None:
    """Of a form sent to `/playlist/<id>`: `act` with the track's id; None for anything else. Raises ControlError."""
    if request.method != "POST" or not request.path.startswith("/playlist/"):
        return None
    one = sandbox.playlists.get(request.path.removeprefix("/playlist/"))
    if one is None:
        raise ControlError("there is no such playlist")
    for act, do in ACTS.items():
        if track_id := request.form.get(act):
            if all(entry.track_id != track_id for entry in one.entries):
                raise ControlError("the playlist does not hold this track")
            do(sandbox, one, sandbox.world.tracks[track_id])
            return redirect(request.path, 303)
    raise ControlError(f"send one of {', '.join(ACTS)}")


def buttons(sandbox: Sandbox, one: Playlist, track: Track) -> str:
    """In a form of the playlist's page."""
    liked = any(like.track is track for like in one.owner.likes)
    words = {"play": ("▶", "Play"), "like": ("♥" if liked else "♡", "Like"), "remove": ("✕", "Take out")}
    return "".join(
        f'<button name="{act}" value="{escape(track.id)}" title="{said}" aria-label="{said}: {escape(track.name)}">'
        f"{sign}</button>"
        for act, (sign, said) in words.items()
    )


def _play(sandbox: Sandbox, one: Playlist, track: Track) -> None:
    one.owner.plays.insert(0, Play(track, sandbox.clock.now(), f"spotify:playlist:{one.id}"))


def _like(sandbox: Sandbox, one: Playlist, track: Track) -> None:
    if all(like.track is not track for like in one.owner.likes):
        one.owner.likes.insert(0, Like(track, sandbox.clock.now()))


def _remove(sandbox: Sandbox, one: Playlist, track: Track) -> None:
    one.entries[:] = [entry for entry in one.entries if entry.track_id != track.id]
    one.version += 1


Act = Callable[[Sandbox, Playlist, Track], None]
ACTS: dict[str, Act] = {"play": _play, "like": _like, "remove": _remove}
