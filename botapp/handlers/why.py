"""Why these tracks: the reasons page by page, and each track with what can be said of it."""

from __future__ import annotations

from typing import Any

from botapp import given, reading
from botapp.turn import Turn, button, command
from playlists.models import PlaylistRun, PlaylistRunTrack

WORDS = ("like", "dislike")  # the commands that let a track of the list be chosen


@command("why")
def why(turn: Turn) -> None:
    """`why:<run>` opens the list of a run, `why:<run>:<page>` turns its pages; a typed number opens that track.

    `why:<run>:<page>:like` turns the pages of the list that /like shows to choose from.
    """
    latest = given.latest(turn.user)
    if turn.pressed and turn.arguments:
        _turn_page(turn, latest)
        return
    if latest and turn.arguments:
        show_numbered(turn, latest, turn.arguments)
    else:
        show_list(turn, latest)


def _turn_page(turn: Turn, latest: PlaylistRun | None) -> None:
    place, _, last = turn.arguments.rpartition(":")
    command = last if last in WORDS else ""
    number, *pages = given.numbers(place if command else turn.arguments) or [0]
    run = given.run_of(turn.user, number)
    if not command or run is None:
        show_list(turn, run, *pages[:1], edit=bool(pages))
        return
    is_old = run != latest
    if not is_old:  # a number that is written is one of the latest list
        turn.await_answer(command)
    show_list(turn, run, *pages[:1], edit=True, command=command, is_old=is_old)


@button("track")
def track(turn: Turn) -> None:
    """`track:<run>:<position>`."""
    found = pointed_at(turn)
    if found is None:
        turn.say("why_none", edit=True)
    else:
        turn.say("track", edit=True, **given.screen(found, turn.user.spotify))


def pointed_at(turn: Turn) -> PlaylistRunTrack | None:
    """The track that `<run>:<position>` names, of this listener."""
    numbers = given.numbers(turn.arguments)
    return given.track_of(turn.user, *numbers[:2]) if len(numbers) >= 2 else None


def show_numbered(turn: Turn, run: PlaylistRun, text: str) -> None:
    """The track of that number, or the list where there is none."""
    position = given.position(text)
    found = given.track_of(turn.user, run.pk, position) if position else None
    if found is None:
        show_list(turn, run, wrong=reading.quoted(text))
    else:
        turn.say("track", **given.screen(found, turn.user.spotify))


def show_list(turn: Turn, run: PlaylistRun | None, page: int = 1, *, edit: bool = False, **more: Any) -> None:
    """`more`: `wrong`, what was written where a number belongs; `command`, what the number is for.

    `is_old`: the list is not the latest, of which alone a number can be written.
    """
    if run is None or not run.tracks.exists():  # what was picked for an account that is disconnected is gone
        turn.say("why_none", edit=edit)
    else:
        turn.say("why", edit=edit, **given.page(run, page), **more)
