"""The address that a listener pastes after he agreed at Spotify on a phone."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts import pasting
from accounts.models import OAuthState
from accounts.spotify_auth import LinkRefused
from botapp import people
from botapp.handlers.connect import drop, linked
from botapp.turn import Entry, Turn
from playlists import linking, worker


def paste(turn: Turn) -> None:
    """The code in the address is exchanged by a worker; whatever else was pasted is told what is wrong with it."""
    answer = pasting.read(turn.arguments)
    link = pasting.link_of(answer) if answer else None
    if link and link.telegram_chat_id != turn.chat_id:
        drop(turn, link)
    elif not people.is_let_in(turn.user):
        turn.say("waiting")
    else:
        try:
            if answer is None:
                raise LinkRefused("elsewhere")
            claimed = pasting.claim(link, answer, turn.now)
        except LinkRefused as refusal:
            if refusal.code == "expired" and link and answer and answer.code and _again(turn, link):
                return
            turn.say("link_refused", code=refusal.code, redirect=settings.SPOTIFY_REDIRECT_URI)
        else:
            turn.say("linking", is_idle=not worker.is_alive(turn.now))
            linking.ask(turn.keys[-1], claimed, answer.code)


def _again(turn: Turn, link: OAuthState) -> bool:
    """Whether the address came a second time while its first is at work or went well, which is then said."""
    link.refresh_from_db()
    account = turn.user.spotify
    if link.used_at and account and account.authorized_at >= link.used_at:
        facts: dict[str, Any] = linked(account, turn.user)
        turn.say("connect", **facts)
    elif link.used_at and link.returned_at is None and link.expires_at > turn.now:
        turn.say("linking", is_idle=not worker.is_alive(turn.now), again=True)
    else:
        return False
    return True


# Whatever was sent for an address is for this, whether its sender is let in or not.
PASTED = Entry(paste, everybody=True, typed=True)
