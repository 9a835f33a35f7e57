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
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from accounts.encryption import Unreadable
from accounts.models import LINK_LIFETIME, OAuthState, SpotifyAccount, User
from accounts.outbox import say
from accounts.tokens import sealed
from vibe.clients import spotify_oauth
from vibe.clients.errors import NeedsReconnect, ServiceError
from vibe.clients.meter import Meter
from vibe.clients.spotify import SpotifyClient
from vibe.clients.types import Clock, Me, Tokens

SCOPES = ("user-library-read", "user-read-recently-played", "playlist-modify-private", "playlist-read-private")
CONSENT = (
    *("access_token_sealed", "refresh_token_sealed", "expires_at", "scopes", "authorized_at"),
    *("spotify_user_id", "display_name", "market"),
)
REASONS = {
    "not_registered": "not_registered",
    "premium": "premium",
    "scope": "scopes",
    "forbidden": "refused",
    "bad_credentials": "client",
    "rate_limited": "rate_limited",
    "quota_exceeded": "rate_limited",
}


class LinkRefused(Exception):
    """A link goes no further. `code` is one of `accounts.refusals`, which says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AnotherLinked(LinkRefused):
    """What becomes of the data of the account that is linked now has to be said first."""

    def __init__(self) -> None:
        super().__init__("another")


def reason(error: LinkRefused | ServiceError) -> str:
    """The code of `accounts.refusals` for whatever `finish_link` raises."""
    if isinstance(error, LinkRefused):
        return error.code
    return "tokens" if isinstance(error, Unreadable) else REASONS.get(error.code, "unavailable")


def scopes() -> tuple[str, ...]:
    """The least that the settings need."""
    return (*SCOPES, "playlist-modify-public") if settings.PLAYLIST_VISIBILITY == "public" else SCOPES


def begin_link(user: User, now: datetime, chat_id: int | None = None, *, keep: bool | None = None) -> str:
    """The one-time address to open in a browser; older ones of this user stop working.

    `keep`: what becomes of another account's data, where no chat can be asked.
    """
    token = token_urlsafe(32)
    with transaction.atomic():
        OAuthState.objects.filter(user=user, used_at=None).delete()
        ends = now + LINK_LIFETIME
        row = OAuthState(token_hash=hashed(token), user=user, telegram_chat_id=chat_id, expires_at=ends, keep=keep)
        row.save()
    return f"{settings.PUBLIC_URL}/auth/spotify/start?{urlencode({'token': token})}"


def link_of(token: str, now: datetime, begun: dict[str, str] | None = None) -> OAuthState:
    """The open link of a token, left as it is: previews of messages fetch it too. Raises LinkRefused.

    `begun`: what this browser's session remembers; the link of its own sign-in stays open to it until the return.
    """
    links = OAuthState.objects.select_related("user").filter(by_paste=False)
    link = links.filter(token_hash=hashed(token)).first()
    if link is None:
        raise LinkRefused("unknown")
    if not _is_under_way(link, begun, now) and (link.used_at or link.expires_at <= now):
        raise LinkRefused("expired")
    return link


def _is_under_way(link: OAuthState, begun: dict[str, str] | None, now: datetime) -> bool:
    """Whether this browser began the link's sign-in and came back from Spotify's page by its Back button alone."""
    if begun is None or begun["link"] != str(link.pk):
        return False
    return link.returned_at is None and now < datetime.fromisoformat(begun["until"])


def confirm(token: str, now: datetime, begun: dict[str, str] | None = None) -> tuple[str, dict[str, str]]:
    """Claims the link; answers Spotify's address and what the browser's session must remember. Raises LinkRefused.

    `begun`: as `link_of` takes it; the same sign-in then goes on.
    """
    link = link_of(token, now, begun)
    if begun and link.used_at:
        return spotify_oauth.authorize_url(begun["state"], scopes()), begun
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
    if not claim_return(int(begun["link"]), now):
        raise LinkRefused("mismatch")
    return OAuthState.objects.select_related("user").get(pk=begun["link"])


def claim_return(link: int, now: datetime) -> bool:
    """Whether Spotify's answer to this link is the caller's to use: it is so once."""
    return bool(OAuthState.objects.filter(pk=link, returned_at=None).update(returned_at=now))


def finish_link(link: OAuthState, code: str, clock: Clock, meter: Meter) -> tuple[SpotifyAccount, str]:
    """Turns Spotify's code into a consent that waits for `activate`, and the nonce by which its chat may say so.

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
        _tell_owner(me.account_id, now)
        raise LinkRefused("taken")
    nonce = token_urlsafe(24)
    return _keep_pending(link.user, me, tokens, now, hashed(nonce)), nonce


def activate(pending: SpotifyAccount, *, keep: bool | None = None) -> SpotifyAccount:
    """The consent becomes the user's link. `keep`: whether what is known of another linked account is taken along.

    Raises AnotherLinked where that was not said, LinkRefused where the consent waits no more or another user got the
    account meanwhile.
    """
    try:
        with transaction.atomic():
            return _activated(pending, keep)
    except IntegrityError:
        _waiting(pending).delete()
        _tell_owner(pending.account_id, pending.authorized_at)
        raise LinkRefused("taken") from None


def hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _activated(consent: SpotifyAccount, keep: bool | None) -> SpotifyAccount:
    user = User.objects.select_for_update(no_key=True).filter(pk=consent.user_id).first()
    pending = _waiting(consent).select_for_update().first()
    if user is None or pending is None:
        raise LinkRefused("unknown")
    OAuthState.objects.filter(user=user, used_at=None).delete()
    linked = user.spotify
    if linked and linked.account_id == pending.account_id:
        return _renew_consent(linked, pending)
    if linked:
        if keep is None:
            raise AnotherLinked
        _replace(linked, pending, keep=keep)
    pending.pending, pending.confirm_hash = False, ""
    pending.save(update_fields=["pending", "confirm_hash"])
    return pending


def _waiting(consent: SpotifyAccount) -> QuerySet[SpotifyAccount]:
    """The consent, unless it was confirmed, dropped or replaced by a newer one since it was read."""
    return SpotifyAccount.objects.filter(pk=consent.pk, pending=True, confirm_hash=consent.confirm_hash)


def _replace(linked: SpotifyAccount, pending: SpotifyAccount, *, keep: bool) -> None:
    """The listener stays the same, so what he was given, said and heard may stay known; his library is another one.

    Likes and how far they were read, and the standing playlist, belong to the old account and go with it.
    """
    if keep:
        linked.history.update(account=pending)
        linked.feedback.update(account=pending)
        linked.plays.update(account=pending)
    linked.delete()


def _tell_owner(account_id: str, now: datetime) -> None:
    """Whose account it is hears once a day that somebody signed in to it here."""
    linked = SpotifyAccount.objects.select_related("user").filter(account_id=account_id, pending=False).first()
    if linked and linked.user.telegram_chat_id is not None:
        key = f"tried:{linked.pk}:{now:%Y%m%d}"
        say(linked.user.telegram_chat_id, "connect_tried", key, {"account": str(linked)})


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
