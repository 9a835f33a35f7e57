"""The tokens of a linked account: opened, refreshed by one process alone, and given up where the consent is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.encryption import seal, unseal
from accounts.models import SpotifyAccount
from accounts.reconnect import ended, say_needs_link
from vibe.clients import spotify_oauth
from vibe.clients.errors import NeedsReconnect, ServiceError
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Tokens

MARGIN = timedelta(seconds=60)
# Longer than the longest token request (two tries and a short wait): a lease ends by itself only when its holder died.
LEASE = timedelta(seconds=60)
POLL = 0.2  # seconds
POLLS = int(LEASE.total_seconds() / POLL) + 10


def token_for(
    account: SpotifyAccount,
    clock: Clock,
    meter: Meter,
    *,
    failed: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """A good access token other than `failed`, refreshed by one process alone where that is due.

    Call it outside a transaction. Raises NeedsReconnect, RateLimited, ServiceError or Unreadable.
    """
    for _ in range(POLLS):
        account.refresh_from_db()
        token = _opened(account, "access", clock())
        if token != failed and account.expires_at - clock() >= MARGIN:
            return token
        if lease := _claim(account, clock()):
            return _refresh(account, lease, clock, meter)
        sleep(POLL)
    raise ServiceError("spotify", "refresh_busy")


def client_for(account: SpotifyAccount, clock: Clock, meter: Meter) -> SpotifyClient:
    """A client that, where Spotify refuses its token, asks for another one. Raises as `token_for`."""
    token = token_for(account, clock, meter)

    def renew() -> str:
        nonlocal token
        token = token_for(account, clock, meter, failed=token)
        return token

    return SpotifyClient(token, meter, renew, account.market)


def sealed(owner: str, tokens: Tokens, now: datetime) -> dict[str, Any]:
    """The columns an answer changes; what Spotify left out stays as it is stored."""
    columns = {
        "access_token_sealed": seal(f"{owner}/access", tokens.access),
        "expires_at": now + timedelta(seconds=tokens.expires_in),
    }
    if tokens.refresh:
        columns["refresh_token_sealed"] = seal(f"{owner}/refresh", tokens.refresh)
    if tokens.scopes:
        columns["scopes"] = " ".join(tokens.scopes)
    return columns


def _opened(account: SpotifyAccount, kind: str, now: datetime) -> str:
    sealed: str = getattr(account, f"{kind}_token_sealed")
    if account.needs_reconnect or not sealed:
        raise ended(account, now)
    return unseal(f"{account.user_id}/{account.account_id}/{kind}", sealed)


def _claim(account: SpotifyAccount, now: datetime) -> datetime | None:
    """The right to refresh, unless another process has it or has just used it."""
    lease = now + LEASE
    free = Q(refreshing_until=None) | Q(refreshing_until__lte=now)
    seen = SpotifyAccount.objects.filter(free, pk=account.pk, access_token_sealed=account.access_token_sealed)
    return lease if seen.update(refreshing_until=lease) else None


def _refresh(account: SpotifyAccount, lease: datetime, clock: Clock, meter: Meter) -> str:
    columns: dict[str, Any] = {}
    try:
        now = clock()
        tokens = spotify_oauth.refresh(_opened(account, "refresh", now), meter)
        columns = sealed(f"{account.user_id}/{account.account_id}", tokens, now)
    except NeedsReconnect:
        columns = {"needs_reconnect": True, "access_token_sealed": "", "refresh_token_sealed": ""}
    finally:
        with transaction.atomic():
            held = SpotifyAccount.objects.filter(pk=account.pk, refreshing_until=lease)
            if held.update(**columns, refreshing_until=None) and columns.get("needs_reconnect"):
                # From now on no night counts him in, so this is the one moment to tell him.
                say_needs_link(account, {"code": ended(account, clock()).code})
    account.refresh_from_db()
    return _opened(account, "access", clock())
