"""Linking from a phone that cannot reach this service.

The phone goes straight to Spotify, whose answer is in the address of a page that then does not open. The listener
copies it into the chat; the state in it is good for that chat alone, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from accounts.models import LINK_LIFETIME, OAuthState, User
from accounts.spotify_auth import LinkRefused, hashed, scopes
from vibe.clients import spotify_oauth

BEHIND = ").,;:!?»”\"'>]"  # what a sentence puts behind an address; none of it is ever the end of one
FIELDS = 20
OURS = re.compile(r"/auth/spotify/|\baccounts\.spotify\.com\b", re.IGNORECASE)
ADDRESS = re.compile(r"\bhttps?://\S", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What Spotify wrote into the address: whose sign-in it is, and a code or an error."""

    state: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    error: str = ""


def begin(user: User, now: datetime, chat_id: int) -> str:
    """Spotify's own consent page, whose answer is to be pasted into that chat. `begin_link` ends older ones."""
    state = token_urlsafe(32)
    ends = now + LINK_LIFETIME
    OAuthState(token_hash=hashed(state), user=user, telegram_chat_id=chat_id, expires_at=ends, by_paste=True).save()
    # No page of ours says before whom it connects, so Spotify's always has to ask.
    return spotify_oauth.authorize_url(state, scopes(), show_dialog=True)


def read(text: str) -> Answer | None:
    """The answer in a message that holds the return address, in whatever words; None where it holds none."""
    where = urlsplit(settings.SPOTIFY_REDIRECT_URI)
    address = rf"(?<![\w./-])(?:https?://)?{re.escape(where.netloc + where.path)}(?![\w/-])\S*"
    found = re.search(address, text, re.IGNORECASE)
    if found is None:
        return None
    query = found[0].partition("?")[2].partition("#")[0].rstrip(BEHIND)
    try:
        values = parse_qs(query, max_num_fields=FIELDS)
    except ValueError:
        values = {}
    return Answer(*(values.get(name, [""])[0] for name in ("state", "code", "error")))


def is_meant(text: str, chat_id: int, now: datetime) -> bool:
    """Whether these words were sent for an address: a wrong one, or any while one is awaited."""
    if OURS.search(text):
        return True
    return (
        bool(ADDRESS.search(text))
        and OAuthState.objects.open(now).filter(telegram_chat_id=chat_id, by_paste=True).exists()
    )


def refusal(state: str, now: datetime) -> LinkRefused | None:
    """Why the answer with this state is not for a browser; None where no chat began it."""
    links = OAuthState.objects.filter(by_paste=True, token_hash=hashed(state))
    if not links.exists():
        return None
    return LinkRefused("paste" if links.open(now).exists() else "expired")


def link_of(answer: Answer) -> OAuthState | None:
    """The link that was answered, whoever's it is."""
    links = OAuthState.objects.select_related("user").filter(by_paste=True)
    return links.filter(token_hash=hashed(answer.state)).first()


def claim(link: OAuthState | None, answer: Answer, now: datetime) -> OAuthState:
    """The link, used up by this answer, whose code is then to be exchanged. Raises LinkRefused."""
    if not answer.state or not (answer.code or answer.error):
        raise LinkRefused("incomplete")
    if link is None:
        raise LinkRefused("unknown")
    if not OAuthState.objects.open(now).filter(pk=link.pk).update(used_at=now):
        raise LinkRefused("expired")
    if not answer.code:
        raise LinkRefused("denied" if answer.error == "access_denied" else "refused")
    return link
