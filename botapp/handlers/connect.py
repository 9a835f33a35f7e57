"""Linking Spotify, as far as the chat has to do with it: it begins here and is confirmed here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings

from accounts import spotify_auth
from accounts.models import LINK_LIFETIME, SpotifyAccount, User
from accounts.spotify_auth import LinkRefused
from botapp.turn import Turn, command

FINISH = "fin_"  # before the nonce with which the browser sends the listener back
CONFIRM_WITHIN = timedelta(hours=1)
AGAIN = "again"


@command("connect")
def connect(turn: Turn) -> None:
    """The one-time link; who is linked is told so first."""
    account = turn.user.spotify
    if account and not account.needs_reconnect and turn.arguments.lower() != AGAIN:
        turn.say("connect", edit=True, **_linked(account, turn.user))
        return
    address = spotify_auth.begin_link(turn.user, turn.now, turn.chat_id)
    minutes = LINK_LIFETIME // timedelta(minutes=1)
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    turn.say("connect", edit=True, link=address, minutes=minutes, here=_is_here(host), button=_is_for_a_button(host))


def finish(turn: Turn, nonce: str) -> None:
    """The consent that waits for this chat's word becomes its link."""
    first, before = not is_known(turn.user), turn.user.spotify
    try:
        account = spotify_auth.activate(_pending(turn, nonce))
    except LinkRefused as refusal:
        turn.say("connect_refused", code=refusal.code, account=str(turn.user.spotify or ""))
    else:
        another = before is not None and before.account_id != account.account_id
        turn.say("linked", account=str(account), first=first, another=another)


def _pending(turn: Turn, nonce: str) -> SpotifyAccount:
    """Raises LinkRefused where nothing of this chat's waits for this nonce, or has waited too long."""
    waiting = SpotifyAccount.objects.filter(user=turn.user, pending=True)
    pending = waiting.filter(confirm_hash=spotify_auth.hashed(nonce)).first()
    if pending is None:
        raise LinkRefused("unknown")
    if pending.authorized_at <= turn.now - CONFIRM_WITHIN:
        pending.delete()
        raise LinkRefused("expired")
    return pending


def name_of_linked(user: User) -> str:
    """Of the account that playlists can be made for; empty where there is none."""
    account = user.spotify
    return str(account) if account and not account.needs_reconnect else ""


def is_known(user: User) -> bool:
    """Whether he has been here before: he is linked or has asked for playlists."""
    return user.spotify is not None or user.runs.exists()


def _linked(account: SpotifyAccount, user: User) -> dict[str, str]:
    def on(moment: datetime) -> str:
        day: date = user.local_date(moment)
        return day.isoformat()

    return {"account": str(account), "since": on(account.authorized_at), "until": on(account.consent_ends_at)}


def _is_here(host: str) -> bool:
    """Whether the address means the machine that Daily Vibe runs on, wherever it is opened."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_for_a_button(host: str) -> bool:
    """Telegram refuses a message with a button to such a host: this machine, or a name of the home network."""
    return not _is_here(host) and ("." in host or ":" in host)
