"""Linking a Spotify account, and the tokens of a linked one.

A link goes begin_link -> confirm -> finish_link -> activate. The consent stays pending until `activate`, so that
a stranger who was sent somebody's link never ends up feeding that somebody's playlists.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare

from accounts.encryption import seal, unseal
from accounts.models import LINK_LIFETIME, OAuthState, SpotifyAccount, User
from accounts.reconnect import ended, say_needs_link
from vibe.clients import spotify_oauth
from vibe.clients.errors import NeedsReconnect, ServiceError
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Me, Tokens

SCOPES = ("user-library-read", "user-read-recently-played", "playlist-modify-private", "playlist-read-private")
MARGIN = timedelta(seconds=60)
# Longer than the longest token request (two tries and a short wait): a lease ends by itself only when its holder died.
LEASE = timedelta(seconds=60)
POLL = 0.2  # seconds
POLLS = int(LEASE.total_seconds() / POLL) + 10
CONSENT = (
    *("access_token_sealed", "refresh_token_sealed", "expires_at", "scopes", "authorized_at"),
    *("spotify_user_id", "display_name", "market"),
)


class LinkRefused(Exception):
    """A link goes no further. `code` names the page that says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def scopes() -> tuple[str, ...]:
    """The least that the settings need."""
    return (*SCOPES, "playlist-modify-public") if settings.PLAYLIST_VISIBILITY == "public" else SCOPES


def begin_link(user: User, now: datetime, chat_id: int | None = None) -> str:
    """The one-time address to open in a browser; older ones of this user stop working."""
    token = token_urlsafe(32)
    with transaction.atomic():
        OAuthState.objects.filter(user=user, used_at=None).delete()
        OAuthState.objects.create(
            token_hash=hashed(token), user=user, telegram_chat_id=chat_id, expires_at=now + LINK_LIFETIME
        )
    return f"{settings.PUBLIC_URL}/auth/spotify/start?{urlencode({'token': token})}"


def link_of(token: str, now: datetime) -> OAuthState:
    """The open link of a token, left as it is: previews of messages fetch it too. Raises LinkRefused."""
    link = OAuthState.objects.select_related("user").filter(token_hash=hashed(token)).first()
    if link is None:
        raise LinkRefused("unknown")
    if link.used_at or link.expires_at <= now:
        raise LinkRefused("expired")
    return link


def confirm(token: str, now: datetime) -> tuple[str, dict[str, str]]:
    """Claims the link; answers Spotify's address and what the browser's session must remember. Raises LinkRefused."""
    link = link_of(token, now)
    if not settings.SPOTIFY_CLIENT_ID:
        raise LinkRefused("client")
    if not OAuthState.objects.open(now).filter(pk=link.pk).update(used_at=now):
        raise LinkRefused("expired")
    state = token_urlsafe(32)
    begun = {"state": state, "link": str(link.pk), "until": (now + LINK_LIFETIME).isoformat()}
    return spotify_oauth.authorize_url(state, scopes()), begun


def returning(begun: dict[str, str] | None, state: str, now: datetime) -> OAuthState:
    """The link whose sign-in this browser has begun, claimed for this one return. Raises LinkRefused."""
    if not begun or not constant_time_compare(state, begun["state"]):
        raise LinkRefused("mismatch")
    if datetime.fromisoformat(begun["until"]) <= now:
        raise LinkRefused("expired")
    # Of many simultaneous returns each has read the session before any has emptied it: the row decides.
    if not OAuthState.objects.filter(pk=begun["link"], returned_at=None).update(returned_at=now):
        raise LinkRefused("mismatch")
    return OAuthState.objects.select_related("user").get(pk=begun["link"])


def finish_link(link: OAuthState, code: str, clock: Clock, meter: Meter) -> tuple[SpotifyAccount, str]:
    """Turns Spotify's code into a consent, active at once ("") or pending until the chat brings back the nonce.

    Raises LinkRefused, or ServiceError as Spotify's token endpoint or `/me` answered.
    """
    now = clock()
    try:
        tokens = spotify_oauth.exchange(code, meter)
    except NeedsReconnect:
        raise LinkRefused("expired") from None
    if set(scopes()) - set(tokens.scopes):
        raise LinkRefused("scopes")
    me = SpotifyClient(tokens.access, meter).me()
    if SpotifyAccount.objects.filter(account_id=me.account_id, pending=False).exclude(user=link.user).exists():
        raise LinkRefused("taken")
    nonce = token_urlsafe(24)
    pending = _keep_pending(link.user, me, tokens, now, hashed(nonce))
    return (activate(pending), "") if link.telegram_chat_id is None else (pending, nonce)


def activate(pending: SpotifyAccount) -> SpotifyAccount:
    """The consent becomes the user's link. Raises LinkRefused when another user got the account meanwhile."""
    try:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=pending.user_id)
            linked = user.spotify
            if linked and linked.account_id == pending.account_id:
                return _renew_consent(linked, pending)
            if linked:
                # What is known of the old account says nothing of the new one; asking which to keep comes later.
                linked.delete()
            pending.pending, pending.confirm_hash = False, ""
            pending.save(update_fields=["pending", "confirm_hash"])
            return pending
    except IntegrityError:
        raise LinkRefused("taken") from None


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


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _keep_pending(user: User, me: Me, tokens: Tokens, now: datetime, confirm_hash: str) -> SpotifyAccount:
    account, _ = SpotifyAccount.objects.update_or_create(
        user=user,
        pending=True,
        defaults={
            "account_id": me.account_id,
            "spotify_user_id": me.user_id,
            "display_name": me.display_name[:128],
            "market": me.country,
            "authorized_at": now,
            "confirm_hash": confirm_hash,
            "refresh_token_sealed": "",
            **_sealed(f"{user.pk}/{me.account_id}", tokens, now),
        },
    )
    return account


def _renew_consent(linked: SpotifyAccount, pending: SpotifyAccount) -> SpotifyAccount:
    for name in CONSENT:
        setattr(linked, name, getattr(pending, name))
    # An older refresh still under way loses its lease, and so cannot overwrite the newer consent.
    linked.needs_reconnect, linked.refreshing_until = False, None
    linked.save(update_fields=[*CONSENT, "needs_reconnect", "refreshing_until"])
    pending.delete()
    return linked


def _sealed(owner: str, tokens: Tokens, now: datetime) -> dict[str, Any]:
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
        columns = _sealed(f"{account.user_id}/{account.account_id}", tokens, now)
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
