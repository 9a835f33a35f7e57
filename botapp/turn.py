"""What a handler gets: who spoke, what he said, and a way to answer him."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from django.conf import settings

from accounts.models import User
from accounts.outbox import say


@dataclass
class Turn:
    """One update of a listener, inside its transaction: what a handler changes and says is kept together or not."""

    user: User
    chat_id: int
    update_id: int
    now: datetime
    arguments: str = ""  # behind the command, or behind the button's `action:`
    pressed: int | None = None  # the message whose button it was
    keys: list[str] = field(default_factory=list)  # of what was said
    toast: str = ""  # what the press of a button is acknowledged with, for a moment

    def say(self, kind: str, *, edit: bool = False, **context: Any) -> None:
        """Answers with templates/telegram/<kind>.html. `edit`: in the place of the message whose button it was."""
        self._say(
            self.chat_id, kind, f"update:{self.update_id}:{len(self.keys)}", self.pressed if edit else None, context
        )

    def say_to(self, chat_id: int, kind: str, key: str, *, message_id: int | None = None, **context: Any) -> None:
        """Says something in another chat; each `key` is said once. `message_id`: in the place of that message."""
        self._say(chat_id, kind, key, message_id, context)

    def _say(self, chat_id: int, kind: str, key: str, message_id: int | None, context: dict[str, Any]) -> None:
        say(chat_id, kind, key, context, message_id=message_id)
        self.keys.append(key)

    def await_answer(self, command: str) -> None:
        """The next plain text is what this command was waiting for."""
        self.user.asked = command
        self.user.save(update_fields=["asked"])

    @property
    def is_operator(self) -> bool:
        return bool(settings.OPERATOR_CHAT_ID) and str(self.chat_id) == settings.OPERATOR_CHAT_ID


Handler: TypeAlias = Callable[[Turn], None]


@dataclass(frozen=True)
class Entry:
    handler: Handler
    everybody: bool  # before the operator has let him in, too
    typed: bool  # a command; otherwise only a button


HANDLERS: dict[str, Entry] = {}


def command(name: str, *, everybody: bool = False) -> Callable[[Handler], Handler]:
    """Answers /name, and buttons with the action `name` or `name:arguments`."""
    return _entered(name, everybody, typed=True)


def button(name: str, *, everybody: bool = False) -> Callable[[Handler], Handler]:
    """Answers buttons alone."""
    return _entered(name, everybody, typed=False)


def _entered(name: str, everybody: bool, *, typed: bool) -> Callable[[Handler], Handler]:
    def enter(handler: Handler) -> Handler:
        HANDLERS[name] = Entry(handler, everybody, typed)
        return handler

    return enter
