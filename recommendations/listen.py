"""Between the nights: recent plays of each linked user every few hours, for Spotify remembers only the last fifty."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from accounts.models import SpotifyAccount
from accounts.tokens import client_for
from recommendations.library import sync_plays
from recommendations.models import LibraryState
from vibe.clients import limiter
from vibe.clients.errors import RateLimited, ServiceError
from vibe.clients.meter import Meter
from vibe.clients.types import Clock

logger = logging.getLogger(__name__)
LONGEST = timedelta(minutes=3)  # a turn; whoever it did not reach comes first in the next one
TURN = 1_000


def listen(clock: Clock, calls: int = TURN) -> int:
    """Reads the plays of at most `calls` accounts that were not heard for LISTEN_HOURS; answers of how many."""
    begun = clock()
    if not settings.LISTEN_HOURS:
        return 0
    meter, heard = limiter.opened(clock), 0
    try:
        for account in unheard(begun)[: min(calls, TURN)]:
            if clock() - begun > LONGEST:
                break
            heard += _hear(account, clock, meter)
    except RateLimited as error:
        logger.info("listening stops: %s", error.code)
    finally:
        limiter.store(meter)
    return heard


def unheard(now: datetime) -> list[SpotifyAccount]:
    """Linked accounts whose turn it is, the longest unheard first."""
    linked = SpotifyAccount.objects.filter(pending=False, needs_reconnect=False)
    waiting = linked.filter(Q(library__plays_at=None) | Q(library__plays_at__lt=_long_ago(now)))
    # Left to itself PostgreSQL puts those last who were never heard.
    return list(waiting.order_by(F("library__plays_at").asc(nulls_first=True), "pk")[:TURN])


def _long_ago(now: datetime) -> datetime:
    return now - timedelta(hours=settings.LISTEN_HOURS)


def _is_mine(account: SpotifyAccount, now: datetime) -> bool:
    """Whether this turn is to hear it; False where another one, side by side with it, was first."""
    state, _ = LibraryState.objects.get_or_create(account=account, defaults={"reading_since": now})
    waiting = LibraryState.objects.filter(Q(plays_at=None) | Q(plays_at__lt=_long_ago(now)), pk=state.pk)
    return bool(waiting.update(plays_at=now))


def _hear(account: SpotifyAccount, clock: Clock, meter: Meter) -> bool:
    # Noted before the call: whoever's sign-in is broken must not come first in every turn.
    if not _is_mine(account, clock()):
        return False
    try:
        sync_plays(account, client_for(account, clock, meter), clock())
    except RateLimited:
        raise
    except ServiceError as error:
        # The user learns of it from his next run; here it must not stop the others.
        logger.info("account=%s could not be heard: %s", account.pk, error.code)
        return False
    return True
