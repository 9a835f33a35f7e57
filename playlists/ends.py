"""How a run ends that does not end well: parked until it may go on, tried again, or failed; the user is told once."""

from __future__ import annotations

import logging
import zlib
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from playlists import notify
from playlists.models import PlaylistRun
from playlists.states import ATTEMPTS, SUPERSEDED, Trigger
from vibe.clients.errors import Gone, NeedsReconnect, RateLimited, ServiceError

logger = logging.getLogger(__name__)

# What may be over in a while; everything else needs somebody to do something.
PASSING = frozenset(
    {"unavailable", "timeout", "connection", "malformed", "refresh_busy", "unconfirmed", "incomplete"}
    | {"token_expired", "sources_failed", "too_slow", "database"}
)
BACKOFF = (timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=10), timedelta(minutes=30))
SPREAD = 300  # seconds over which those go on whom one block has parked


class Forgotten(Exception):
    """The listener had everything about him deleted."""


class NoPlaylist(Exception):
    """There is nothing to publish; `code` says why, in the terms of `playlists.notes`, with what its sentence names."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def badly(run: PlaylistRun, error: Exception, now: datetime, report: dict[str, Any]) -> None:
    """Writes on the run what `error` means for it. Where even that fails, its lease ends and `reap` revives it."""
    code, _params = cause(error)
    try:
        if code in {"internal", "disconnected"}:
            error = _left(run) or error
    except Exception as trouble:  # noqa: BLE001 - then it stays what it seems to be
        logger.info("run=%s: whether its listener has left is not known: %s", run.pk, type(trouble).__name__)
    if isinstance(error, Forgotten):
        logger.info("run=%s was deleted while it was under way", run.pk)
        return
    code, params = cause(error)
    if code == "internal":
        logger.error("run=%s failed unexpectedly", run.pk, exc_info=error)
    try:
        with transaction.atomic():
            if _ended(run, error, code, params, now, report):
                notify.ended(run, now)
    except Exception as trouble:  # noqa: BLE001 - the first error is what counts; the lease mends this one
        logger.error("run=%s: its end (%s) could not be saved: %s", run.pk, code, type(trouble).__name__)


def _left(run: PlaylistRun) -> Exception | None:
    """Why rows went away below a run, where its listener wanted that."""
    if not PlaylistRun.objects.filter(pk=run.pk).exists():
        return Forgotten()
    account = run.user.spotify
    if account is None:
        return NeedsReconnect(code="disconnected")
    # Another account has taken the place of the one it began with, and the next attempt goes on with that.
    anew = run.started_at is not None and account.authorized_at >= run.started_at
    return ServiceError("spotify", "token_expired") if anew else None


def interrupted(run: PlaylistRun, now: datetime, report: dict[str, Any], *, by_hand: bool) -> None:
    """Ctrl-C means stop; a process that is told to go away leaves its run to another."""
    if by_hand or run.is_passing or run.attempts >= ATTEMPTS:
        run.fail(now, "interrupted", {}, report=report)
    else:
        run.park(now, "interrupted", {}, burnt=True, report=report)


@transaction.atomic
def supersede(run: PlaylistRun, now: datetime) -> None:
    """Ends runs of earlier days that still wait; only who watches the card of one has to hear of it."""
    if PlaylistRun.objects.supersede(run, now):
        watched = PlaylistRun.objects.filter(user=run.user_id, error_code=SUPERSEDED, trigger=Trigger.BOT)
        for old in watched.filter(finished_at=now):
            notify.ended(old, now)


def _ended(
    run: PlaylistRun, error: Exception, code: str, params: dict[str, Any], now: datetime, report: dict[str, Any]
) -> bool:
    if not run.is_passing:
        if isinstance(error, RateLimited):
            until = max(error.until, now) + _spread(run, error.until - now)
            return run.park(until, code, params, burnt=False, report=report)
        if code in PASSING and run.attempts < ATTEMPTS:
            return run.park(now + BACKOFF[run.attempts - 1], code, params, burnt=True, report=report)
    return run.fail(now, code, params, needs_link=isinstance(error, NeedsReconnect), report=report)


def cause(error: Exception) -> tuple[str, dict[str, Any]]:
    """A code of `playlists.notes`, and what its sentence names."""
    match error:
        case RateLimited():
            return error.code, {"until": error.until.isoformat()}
        case Gone():
            return error.code, {"capability": error.capability}
        case NoPlaylist():
            return error.code, error.params
        case NeedsReconnect():
            return error.code, {}
        case ServiceError():
            return error.code, {"status": error.status}
        case OperationalError() | InterfaceError():
            return "database", {}
    return "internal", {}


def _spread(run: PlaylistRun, wait: timedelta) -> timedelta:
    """So that all whom one block has parked do not go on in the same second."""
    if wait < notify.WORTH_TELLING:
        return timedelta()
    return timedelta(seconds=zlib.crc32(str(run.user_id).encode()) % SPREAD)
