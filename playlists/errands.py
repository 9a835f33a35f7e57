"""What a listener asks for beside a playlist: carried out by a worker, and told in the place of the first answer.

An errand that was lost changes nothing that asking again does not mend; told twice it is only once, by its key.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts.models import Outbox, SpotifyAccount, User
from accounts.outbox import say, send_now
from accounts.tokens import client_for
from playlists import budget, ends, queue
from playlists.models import PlaylistRun
from playlists.request import AlreadyRunning
from playlists.restore import NothingToRestore, alone, restore
from playlists.tasks import _task
from recommendations.library import sync_likes
from vibe.clients import limiter, quota
from vibe.clients.errors import NeedsReconnect, QuotaExceeded
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient

logger = logging.getLogger(__name__)

PAGES = 40  # 2,000 likes at a time; a larger library takes several
SHARE = 4  # at most so great a part of what the lists leave of the day's calls
LONGEST = timedelta(minutes=5)  # after which one that has told nothing is taken to be lost

Work = Callable[[User, SpotifyAccount, SpotifyClient], dict[str, Any]]


def is_under_way(chat_id: int, kind: str, now: datetime) -> bool:
    """Whether this chat waits for such an errand."""
    asked = Outbox.objects.filter(chat_id=chat_id, kind=kind, created_at__gt=now - LONGEST)
    key = asked.order_by("-pk").values_list("key", flat=True).first()
    return key is not None and not Outbox.objects.filter(key=_done(key)).exists()


def ask(name: str, key: str, user: User, *arguments: int) -> None:
    """Has a worker do it, in the caller's transaction. `key`: of the first answer, which the result replaces."""
    queue.ask(f"playlists.errands.{name}", user.pk, key, *arguments)


@_task
def sync(user_id: int, key: str = "") -> None:
    """Reads the liked tracks anew, or goes on with a long reading. Without a key, for the operator, nobody is told."""
    _carry_out(user_id, key, "sync", _read)


@_task
def undo(user_id: int, key: str, run_id: int) -> None:
    """Puts the tracks of that run back into the standing playlist."""

    def put_back(user: User, _account: SpotifyAccount, client: SpotifyClient) -> dict[str, Any]:
        run = PlaylistRun.objects.filter(user=user, pk=run_id).first()
        if run is None:
            raise NothingToRestore("no_tracks")
        done = restore(run, client, timezone.now)
        return {"name": done.playlist.name, "url": done.playlist.url, "tracks": done.tracks, "day": run.day.isoformat()}

    _carry_out(user_id, key, "undo", put_back)


def _read(user: User, account: SpotifyAccount, client: SpotifyClient) -> dict[str, Any]:
    pages = _pages(timezone.now())
    with alone(user, timezone.now) as go_on:
        return sync_likes(account, client, timezone.now(), pages=pages, tick=go_on).as_json()


def _pages(now: datetime) -> int:
    """Raises QuotaExceeded where all that is left of the day is kept for lists."""
    free = budget.for_listening(now)
    if not free:
        raise QuotaExceeded("spotify", quota.frees_at(now, budget.LEAST_CALLS))
    return min(PAGES, -(-free // SHARE))


def _carry_out(user_id: int, key: str, kind: str, work: Work) -> None:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return
    meter = limiter.opened(timezone.now)
    try:
        facts = _done_or_not(user, work, meter)
        if key:
            tell(user_id, key, kind, facts, meter)
        else:
            logger.info("user=%s: %s for the operator, code=%s", user_id, kind, facts.get("code", "done"))
    finally:
        limiter.store(meter)


def _done_or_not(user: User, work: Work, meter: Meter) -> dict[str, Any]:
    """The facts of the result, or `code` and `params` of why there is none."""
    try:
        if (account := user.spotify) is None:
            raise NeedsReconnect(code="not_connected")
        with translation.override(user.language):
            return work(user, account, client_for(account, timezone.now, meter))
    except AlreadyRunning:
        return {"code": "busy"}
    except NothingToRestore as nothing:
        return {"code": nothing.code}
    except Exception as error:
        code, params = ends.cause(error)
        if code == "internal":
            logger.exception("user=%s: an errand failed unexpectedly", user.pk)
        return {"code": code, "params": params, "needs_link": isinstance(error, NeedsReconnect)}


def tell(user_id: int, key: str, kind: str, facts: dict[str, Any], meter: Meter) -> None:
    """Says what came of it, in the place of the first answer, whose key that is."""
    with transaction.atomic():
        # Locked: who has himself forgotten at this moment is told nothing more.
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_bot_blocked=False).first()
        if user is None or user.telegram_chat_id is None:
            return
        first = Outbox.objects.filter(key=key)
        unsaid = first.filter(status=Outbox.Status.PENDING, attempts=0)
        if unsaid.update(kind=kind, payload=facts):
            told = key
        else:
            told, place = _done(key), first.values_list("message_id", flat=True).first()
            say(user.telegram_chat_id, kind, told, facts, message_id=place)
    if settings.TELEGRAM_BOT_TOKEN:
        send_now([told], meter)


def _done(key: str) -> str:
    return f"{key}:done"
