"""The address that a listener pastes after he agreed at Spotify on a phone."""

from __future__ import annotations

from django.conf import settings

from accounts import pasting
from accounts.spotify_auth import LinkRefused
from botapp import people
from botapp.handlers.connect import drop
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
            turn.say("link_refused", code=refusal.code, redirect=settings.SPOTIFY_REDIRECT_URI)
        else:
            turn.say("linking", is_idle=not worker.is_alive(turn.now))
            linking.ask(turn.keys[-1], claimed, answer.code)


# Whatever was sent for an address is for this, whether its sender is let in or not.
PASTED = Entry(paste, everybody=True, typed=True)
