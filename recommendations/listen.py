"""Between the nights: recent plays of each linked user every few hours, for Spotify remembers only the last fifty."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from accounts.models import SpotifyAccount
from accounts.spotify_auth import client_for
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
    long_ago = now - timedelta(hours=settings.LISTEN_HOURS)
    linked = SpotifyAccount.objects.filter(pending=False, needs_reconnect=False)
    waiting = linked.filter(Q(library__plays_at=None) | Q(library__plays_at__lt=long_ago))
    return list(waiting.order_by("library__plays_at", "pk")[:TURN])


def _hear(account: SpotifyAccount, clock: Clock, meter: Meter) -> bool:
    # Noted before the call: whoever's sign-in is broken must not come first in every turn.
    LibraryState.objects.update_or_create(
        account=account, defaults={"plays_at": clock()}, create_defaults={"plays_at": clock(), "reading_since": clock()}
    )
    try:
        sync_plays(account, client_for(account, clock, meter), clock())
    except RateLimited:
        raise
    except ServiceError as error:
        # The user learns of it from his next run; here it must not stop the others.
        logger.info("account=%s could not be heard: %s", account.pk, error.code)
        return False
    return True
