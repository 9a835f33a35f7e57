"""The first words: welcome, help, and the number of the chat."""

from __future__ import annotations

from typing import Any

from botapp import people
from botapp.handlers import operator
from botapp.handlers.connect import FINISH, finish, is_strangers
from botapp.people import name_of_linked
from botapp.turn import Turn, command
from playlists.linking import is_known


@command("start", everybody=True)
def start(turn: Turn) -> None:
    """The two presses to the first playlist; with the nonce from the browser, the end of linking."""
    nonce = turn.arguments.removeprefix(FINISH) if turn.arguments.startswith(FINISH) else ""
    if nonce and is_strangers(turn, nonce):
        return
    if not people.is_let_in(turn.user):
        operator.ask(turn)
    elif nonce:
        finish(turn, nonce)
    else:
        welcome(turn)


def welcome(turn: Turn) -> None:
    facts: dict[str, Any] = {"back": is_known(turn.user), "account": name_of_linked(turn.user)}
    # Two messages, for Telegram gives one either the lasting keyboard or buttons of its own.
    turn.say("welcome", **facts)
    turn.say("welcome_next", **facts)


@command("help", everybody=True)
def show_help(turn: Turn) -> None:
    turn.say("help")


@command("id", everybody=True)
def chat_number(turn: Turn) -> None:
    """For OPERATOR_CHAT_ID."""
    turn.say("id", chat=turn.chat_id)
