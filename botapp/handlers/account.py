"""The listener's own data: read anew, brought back, kept, taken along and deleted."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from botapp import export as exported
from botapp import given
from botapp.forget import forget as forget_all
from botapp.turn import Turn, button, command
from playlists import disconnect as leaving
from playlists import errands, worker
from playlists.models import PlaylistRun

YES = "yes"


@command("sync")
def sync(turn: Turn) -> None:
    """Reads the liked tracks, and nothing else."""
    if turn.user.spotify is None:
        turn.say("sync", code="not_connected")
    else:
        _send_out(turn, "sync")


@command("undo")
def undo(turn: Turn) -> None:
    """The tracks that the standing playlist held before the latest ones."""
    account = turn.user.spotify
    if account is None:
        turn.say("undo", code="not_connected")
        return
    if turn.user.playlist_mode != User.Mode.STANDING:
        turn.say("undo", code="fresh")
        return
    filled = given.made(turn.user).filter(playlist_id=account.standing_playlist_id).exclude(playlist_id="")
    before = filled[1:2].values_list("pk", flat=True)
    if before:
        _send_out(turn, "undo", before[0])
    else:
        turn.say("undo", code="nothing_before")


@command("keep")
def keep(turn: Turn) -> None:
    """`keep:<run>` keeps a list that is one of many days' in a standing playlist, which so begins anew."""
    latest = given.latest(turn.user)
    wanted = given.numbers(turn.arguments) if turn.pressed else []
    if latest is None:
        turn.say("keep", state="none")
    elif wanted and wanted[0] != latest.pk:
        turn.say("keep", edit=True, state="old")
    elif latest.kept:
        turn.say("keep", edit=True, state="already", **_named(latest))
    elif latest.mode == User.Mode.STANDING and not wanted:
        turn.say("keep", state="standing", **_named(latest))
    else:
        is_kept = PlaylistRun.objects.filter(pk=latest.pk, tidied_at=None).update(kept=True)
        state = "gone" if not is_kept else "anew" if latest.mode == User.Mode.STANDING else "kept"
        turn.say("keep", edit=True, state=state, **_named(latest))


@command("disconnect", everybody=True)
def disconnect(turn: Turn) -> None:
    left = leaving.linked(turn.user)
    if left is None:
        turn.say("disconnect", edit=_is_sure(turn), state="none")
    elif not _is_sure(turn):
        turn.say("disconnect", state="sure", **left._asdict())
    else:
        leaving.disconnect(turn.user, turn.now)
        is_nightly = turn.user.nightly_at is not None
        turn.say("disconnect", edit=True, state="done", is_nightly=is_nightly, likes=left.likes)


@command("forget", everybody=True)
def forget(turn: Turn) -> None:
    user, language = turn.user, turn.user.language
    if user.is_staff or user.is_superuser:
        turn.say("forget", edit=_is_sure(turn), state="staff")
    elif not _is_sure(turn):
        turn.say("forget", state="sure")
    else:
        forget_all(user)
        turn.say("forget_done", edit=True, language=language, refused=not user.is_active)


@command("export", everybody=True)
def export(turn: Turn) -> None:
    turn.say("export", **exported.payload(turn.user, turn.now))


@button("never_mind", everybody=True)
def never_mind(turn: Turn) -> None:
    """No, to whatever was asked."""
    turn.say("nothing_changed", edit=True)


def _is_sure(turn: Turn) -> bool:
    """Only a button says so: a word behind the command may be a slip."""
    return turn.pressed is not None and turn.arguments == YES


def _send_out(turn: Turn, name: str, *arguments: int) -> None:
    """Has a worker do it, unless one is at it for him."""
    begun = f"{name}_begun"
    again = errands.is_under_way(turn.chat_id, begun, turn.now)
    turn.say(f"{name}_again" if again else begun, is_idle=not worker.is_alive(turn.now))
    if not again:
        errands.ask(name, turn.keys[-1], turn.user, *arguments)


def _named(run: PlaylistRun) -> dict[str, Any]:
    return {"run": run.pk, "name": run.playlist_name, "url": run.playlist_url, "day": run.day.isoformat()}
