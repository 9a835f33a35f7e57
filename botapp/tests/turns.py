"""Handlers without the bot around them: what is said at a fixed moment, in the very words of its templates."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone, translation

from accounts import callbacks
from accounts.models import Outbox, User
from accounts.screens import rendered
from botapp import handlers as handlers
from botapp.tests.at_home import LANGUAGES, NOW
from botapp.turn import HANDLERS, Turn

UPDATES = count(1_000)


def rows(
    user: User, command: str, arguments: str = "", *, now: datetime = NOW, pressed: int | None = None
) -> list[Outbox]:
    """What is written to be said; each of it can be said in every language."""
    known = list(Outbox.objects.values_list("pk", flat=True))
    assert user.telegram_chat_id is not None
    turn = Turn(user, user.telegram_chat_id, next(UPDATES), now, arguments.strip(), pressed)
    with translation.override(user.language), timezone.override(user.zone):
        HANDLERS[command].handler(turn)
    said = list(Outbox.objects.exclude(pk__in=known).order_by("pk"))
    assert [row.key for row in said] == turn.keys  # so that the bot says it at once
    for row in said:
        for language in LANGUAGES:
            assert rendered(row, User(language=language, timezone=user.timezone), now)[0]
    return said


def screens(user: User, command: str, arguments: str = "", **turn: Any) -> list[tuple[str, dict[str, str]]]:
    """Each text, with its buttons: label -> the address or the action."""
    return [screen(row, user, turn.get("now", NOW)) for row in rows(user, command, arguments, **turn)]


def answers(user: User, command: str, arguments: str = "", **turn: Any) -> list[str]:
    return [text for text, _buttons in screens(user, command, arguments, **turn)]


def screen(row: Outbox, user: User | None, now: datetime = NOW) -> tuple[str, dict[str, str]]:
    text, markup = rendered(row, user, now)
    cells = [cell for line in (markup or {}).get("inline_keyboard", []) for cell in line]
    return text, {cell["text"]: cell.get("url") or _action(row, cell["callback_data"]) for cell in cells}


def _action(row: Outbox, data: str) -> str:
    action = callbacks.opened(row.chat_id, data)
    assert action is not None
    return action
