"""Linking Spotify, as far as the chat has to do with it: it begins here and is confirmed here."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from accounts import pasting, spotify_auth
from accounts.models import LINK_LIFETIME, OAuthState, SpotifyAccount, User
from accounts.spotify_auth import LinkRefused
from botapp.turn import Turn, button, command
from playlists import linking
from vibe.addresses import is_for_a_button, is_here
from vibe.clients.models import ServiceState

logger = logging.getLogger(__name__)
FINISH = "fin_"  # before the nonce with which the browser sends the listener back
CONFIRM_WITHIN = timedelta(hours=1)
AGAIN = "again"
KEEP = {"keep": True, "clear": False}


@command("connect")
def connect(turn: Turn) -> None:
    """The one-time link; who is linked is told so first."""
    account = turn.user.spotify
    if account and not account.needs_reconnect and turn.arguments.lower() != AGAIN:
        turn.say("connect", edit=True, **linked(account, turn.user))
        return
    if fault := _fault(turn.now):
        turn.say("link_refused", edit=True, code=spotify_auth.REASONS[fault])
        return
    address = spotify_auth.begin_link(turn.user, turn.now, turn.chat_id)
    minutes = LINK_LIFETIME // timedelta(minutes=1)
    host = _host(settings.PUBLIC_URL)
    more = _by_phone(turn) if is_here(host) and settings.SPOTIFY_CLIENT_ID else {}
    facts = {"link": address, "minutes": minutes, "here": is_here(host), "button": is_for_a_button(host)}
    turn.say("connect", edit=True, **facts, **more)


def finish(turn: Turn, nonce: str) -> None:
    """The consent that waits for this chat's word becomes its link, or is asked about."""
    mark = spotify_auth.hashed(nonce)
    try:
        kind, facts = linking.outcome(_pending(turn, mark))
    except LinkRefused as refusal:
        _refuse(turn, refusal)
    else:
        turn.say(kind, **facts)


@button("relink")
def relink(turn: Turn) -> None:
    """`relink:keep|clear|leave:<the consent's mark>`: what becomes of the other account's data."""
    choice, _, mark = turn.arguments.partition(":")
    try:
        pending = _pending(turn, mark)
        if choice in KEEP:
            kind, facts = linking.outcome(pending, keep=KEEP[choice])
        else:
            pending.delete()
            kind, facts = "relink", {"left": True, "old": str(turn.user.spotify or "")}
    except LinkRefused as refusal:
        _refuse(turn, refusal)
    else:
        turn.say(kind, edit=True, **facts)


def is_strangers(turn: Turn, nonce: str) -> bool:
    """Whether somebody else began what this chat confirms; then it is dropped and both are told."""
    waiting = SpotifyAccount.objects.filter(pending=True, confirm_hash=spotify_auth.hashed(nonce))
    pending = waiting.exclude(user=turn.user).select_related("user").first()
    if pending:
        drop(turn, pending)
    return pending is not None


def drop(turn: Turn, begun: SpotifyAccount | OAuthState) -> None:
    """What was begun in another chat. Nobody can tell which of the two was deceived, so both are warned."""
    logger.warning("user=%s brought what user=%s had begun: nothing is linked", turn.user.pk, begun.user_id)
    begun.delete()
    turn.say("connect_stranger")
    if begun.user.telegram_chat_id is not None:
        turn.say_to(begun.user.telegram_chat_id, "connect_dropped", f"connect_dropped:{turn.update_id}")


def _refuse(turn: Turn, refusal: LinkRefused) -> None:
    if turn.pressed and refusal.code == "unknown":
        # As a second tap: what the first one said stays.
        turn.toast = gettext("This button is no longer valid.")
        return
    turn.say("connect_refused", edit=True, code=refusal.code, account=str(turn.user.spotify or ""))


def _pending(turn: Turn, mark: str) -> SpotifyAccount:
    """Raises LinkRefused where nothing of this chat's waits under this mark, or has waited too long."""
    waiting = SpotifyAccount.objects.filter(user=turn.user, pending=True)
    found = waiting.filter(confirm_hash__startswith=mark).first() if len(mark) >= linking.MARK else None
    if found is None:
        raise LinkRefused("unknown")
    if found.authorized_at <= turn.now - CONFIRM_WITHIN:
        found.delete()
        raise LinkRefused("expired")
    return found


def linked(account: SpotifyAccount, user: User) -> dict[str, str]:
    def on(moment: datetime) -> str:
        day: date = user.local_date(moment)
        return day.isoformat()

    return {"account": str(account), "since": on(account.authorized_at), "until": on(account.consent_ends_at)}


def _fault(now: datetime) -> str:
    """Why Spotify serves nobody here until the operator mends it, where that is known; else ""."""
    reasons = ServiceState.objects.filter(service="spotify", family="", blocked_until__gt=now)
    return reasons.filter(reason__in=("premium", "bad_credentials")).values_list("reason", flat=True).first() or ""


def _by_phone(turn: Turn) -> dict[str, Any]:
    """The way for who does not sit at this machine: straight to Spotify, and the answer back through the chat."""
    address = pasting.begin(turn.user, turn.now, turn.chat_id)
    facts = {"phone": address, "phone_button": is_for_a_button(_host(settings.SPOTIFY_ACCOUNTS_URL))}
    return facts | {"redirect": settings.SPOTIFY_REDIRECT_URI}


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
