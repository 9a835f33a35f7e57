"""What to say of a run, as plain data; templates turn it into words. A run never fails for a message."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.outbox import say
from accounts.reconnect import say_needs_link
from playlists.models import PlaylistRun
from playlists.states import SUPERSEDED, Status

SHOWN = 5  # tracks on the card
WORTH_TELLING = timedelta(minutes=10)


def card(run: PlaylistRun) -> dict[str, Any]:
    """The facts of a finished run's message, from its plan."""
    tracks = run.planned
    return {
        "run": run.pk,
        "name": run.playlist_name,
        "url": run.playlist_url,
        "day": run.day.isoformat(),
        "total": len(tracks),
        "new": sum(track["is_new"] for track in tracks),
        "relaxations": (run.plan or {}).get("relaxations", []),
        "tracks": [{key: track[key] for key in ("artists", "name", "reason")} for track in tracks[:SHOWN]],
    }


def done(run: PlaylistRun) -> None:
    """In the transaction that finishes the run."""
    _say(run, "playlist", "done", card(run))


def ended(run: PlaylistRun, now: datetime) -> None:
    """Failed, or waiting so long that it is worth a word; each is told once for each time the run was asked for."""
    if run.dry_run or run.error_code == SUPERSEDED:
        return
    facts = {"run": run.pk, "day": run.day.isoformat(), "forced": run.night is None}
    facts |= {"code": run.error_code, "params": run.error_params}
    match run.status:
        case Status.FAILED:
            _say(run, "failed", f"{run.asked}:failed", facts)
        case Status.NEEDS_LINK if account := run.user.spotify:
            # Whoever found it first, a run or the listening, has told it: the account's message is one.
            card = (f"run:{run.pk}:{run.asked}:needs_link", run.card_id) if run.card_id else None
            say_needs_link(account, facts, card=card)
        case Status.NEEDS_LINK:  # disconnected meanwhile
            _say(run, "needs_link", f"{run.asked}:needs_link", facts)
        case Status.QUEUED if "until" in run.error_params and run.not_before and run.not_before - now > WORTH_TELLING:
            _say(run, "parked", f"{run.asked}:parked", facts | {"until": run.not_before.isoformat()})


def _say(run: PlaylistRun, kind: str, what: str, payload: dict[str, Any]) -> None:
    user = run.user
    if user.telegram_chat_id and not user.is_bot_blocked:
        say(user.telegram_chat_id, kind, f"run:{run.pk}:{what}", payload, message_id=run.card_id)
