"""What to say of a run, as plain data; templates turn it into words. A run never fails for a message."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.outbox import CARD, say
from accounts.reconnect import needs_link_key, say_needs_link
from playlists import promise, wishes, worker
from playlists.models import PlaylistRun
from playlists.states import SUPERSEDED, Status, Trigger
from vibe.addresses import is_for_a_button

SHOWN = 5  # tracks on the card
LISTED = 30  # of a preview
WORTH_TELLING = timedelta(minutes=10)
BY_ITSELF = (Trigger.NIGHTLY, Trigger.ENDPOINT)  # nobody is to be woken for these


def begun(run: PlaylistRun, chat_id: int, now: datetime) -> str:
    """The card in which somebody watches the run: all that is said of it from now on takes its place. Its key."""
    key = card_key(run)
    say(chat_id, CARD, key, {"run": run.pk, "preview": run.dry_run, "is_idle": not worker.is_alive(now)})
    return key


def card_key(run: PlaylistRun) -> str:
    return f"run:{run.pk}:{run.asked}:card"


def card(run: PlaylistRun, shown: int = SHOWN) -> dict[str, Any]:
    """The facts of a finished run's message, from its plan or, where that is forgotten, from its tracks."""
    tracks = run.planned or [_as_planned(track) for track in run.tracks.all()]
    took_part, promised = Counter(track["source"] for track in tracks), promise.figures(run)
    return {
        "run": run.pk,
        "name": run.playlist_name,
        "url": run.playlist_url,
        "page": page(run),
        "day": run.day.isoformat(),
        "total": promised["total"],
        "promise": promised,
        "wish": wishes.told(run),
        "is_manual": run.trigger not in BY_ITSELF,
        "sources": [{"name": name, "picked": picked} for name, picked in took_part.most_common()],
        "tracks": [{key: track[key] for key in ("artists", "name", "reason")} for track in tracks[:shown]],
    }


def page(run: PlaylistRun) -> str:
    """The address of its page; "" where a button to it would make Telegram refuse the whole message."""
    is_reached = is_for_a_button(urlsplit(settings.PUBLIC_URL).hostname or "")
    return f"{settings.PUBLIC_URL}/runs/{run.public_id}" if is_reached else ""


def _as_planned(track: Any) -> dict[str, Any]:
    columns = ("artists", "name", "reason", "source")
    return {name: getattr(track, name) for name in columns} | {"is_new": track.is_new_to_bot}


def done(run: PlaylistRun) -> None:
    """In the transaction that finishes the run: the card and, after the first list of all, a question."""
    if run.dry_run:
        if run.trigger == Trigger.BOT:
            _say(run, "preview", f"{run.asked}:preview", card(run, LISTED))
        return
    _say(run, "playlist", "done", card(run))
    if run.user.nightly_at is None and not _had_one(run):
        _tell(run, "ask_night", first_key(run), {})


def first_key(run: PlaylistRun) -> str:
    return f"user:{run.user_id}:first"


def _had_one(run: PlaylistRun) -> bool:
    lists = PlaylistRun.objects.filter(user=run.user_id, status=Status.SUCCESS, dry_run=False)
    return bool(lists.exclude(pk=run.pk).exists())


def ended(run: PlaylistRun, now: datetime) -> None:
    """Failed, or waiting so long that it is worth a word; each is told once for each time the run was asked for."""
    if run.trigger != Trigger.BOT and (run.dry_run or run.error_code == SUPERSEDED):
        return
    facts = {"run": run.pk, "day": run.day.isoformat(), "forced": run.night is None, "preview": run.dry_run}
    facts |= {"wish": run.steer} if run.steer else {}
    facts |= {"code": run.error_code, "params": run.error_params}
    match run.status:
        case Status.FAILED:
            _say(run, "failed", f"{run.asked}:failed", facts)
        case Status.NEEDS_LINK if account := run.user.spotify:
            # Whoever found it first, a run or the listening, has told it; but a card waits for an answer of its own.
            own_key = f"run:{run.pk}:{run.asked}:needs_link" if run.trigger == Trigger.BOT else ""
            say_needs_link(account, facts | _manner(run), own_key=own_key)
        case Status.NEEDS_LINK:  # disconnected meanwhile
            _say(run, "needs_link", f"{run.asked}:needs_link", facts)
        case Status.QUEUED if "until" in run.error_params and run.not_before and run.not_before - now > WORTH_TELLING:
            _say(run, "parked", f"{run.asked}:parked", facts | {"until": run.not_before.isoformat()})


def keys(run: PlaylistRun) -> list[str]:
    """Of all that may have been said at the end of the run."""
    words = ["done", *(f"{run.asked}:{word}" for word in ("preview", "failed", "needs_link", "parked"))]
    own = [f"run:{run.pk}:{word}" for word in words]
    account = run.user.spotify
    return [*own, first_key(run), *([needs_link_key(account)] if account else [])]


def _say(run: PlaylistRun, kind: str, what: str, payload: dict[str, Any]) -> None:
    _tell(run, kind, f"run:{run.pk}:{what}", payload | _manner(run))


def _manner(run: PlaylistRun) -> dict[str, bool]:
    return {"silent": True} if run.trigger in BY_ITSELF else {}


def _tell(run: PlaylistRun, kind: str, key: str, payload: dict[str, Any]) -> None:
    user = run.user
    if user.telegram_chat_id and not user.is_bot_blocked:
        say(user.telegram_chat_id, kind, key, payload)
