"""Linking a Spotify account.

A link goes begin_link -> confirm -> finish_link -> activate. The consent stays pending until `activate`, so that
a stranger who was sent somebody's link never ends up feeding that somebody's playlists.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from accounts.models import LINK_LIFETIME, OAuthState, SpotifyAccount, User
from accounts.tokens import sealed
from vibe.clients import spotify_oauth
from vibe.clients.errors import NeedsReconnect
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Me, Tokens

SCOPES = ("user-library-read", "user-read-recently-played", "playlist-modify-private", "playlist-read-private")
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
            **sealed(f"{user.pk}/{me.account_id}", tokens, now),
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
