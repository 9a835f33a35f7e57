"""The first words: welcome, help, and the number of the chat."""

from __future__ import annotations

from botapp import people
from botapp.handlers import operator
from botapp.handlers.connect import FINISH, finish, is_known
from botapp.turn import Turn, command


@command("start", everybody=True)
def start(turn: Turn) -> None:
    """The two presses to the first playlist; with the nonce from the browser, the end of linking."""
    if not people.is_let_in(turn.user):
        operator.ask(turn)
    elif turn.arguments.startswith(FINISH):
        finish(turn, turn.arguments.removeprefix(FINISH))
    else:
        welcome(turn)


def welcome(turn: Turn) -> None:
    account = turn.user.spotify
    # Two messages, for Telegram gives one either the lasting keyboard or buttons of its own.
    turn.say("welcome", back=is_known(turn.user), account=str(account or ""))
    turn.say("welcome_next", account=str(account or ""))


@command("help", everybody=True)
def show_help(turn: Turn) -> None:
    turn.say("help")


@command("id", everybody=True)
def chat_number(turn: Turn) -> None:
    """For OPERATOR_CHAT_ID."""
    turn.say("id", chat=turn.chat_id)
