"""A listener who says and presses, and what he reads: handlers without the bot around them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.utils import timezone, translation

from accounts import callbacks
from accounts.models import Outbox, User
from accounts.screens import rendered
from botapp import handlers as handlers
from botapp.turn import HANDLERS, Turn

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LANGUAGES = ("en", "ru")
# What people and attackers type behind any command.
WRONG = [
    "abc",
    "-1",
    "1e9",
    "0x10",
    "NaN",
    "999999999999999999999999999",
    "😀",
    "30 😀",
    "<b>x</b>",
    "</code><a href='https://evil.example'>",
    "'; DROP TABLE accounts_user; --",
    "{{ settings.SECRET_KEY }}",
    "x => https://evil.example",
    "::buttons::",
    "a\n::buttons::\nx => forget",
    "a\x00b",
    "\u202eevil",
    "ё" * 5_000,
]
updates = count(1_000)


def meet(**fields: Any) -> User:
    return User.objects.create(**{"username": "tg7", "telegram_chat_id": 7, "is_approved": True, **fields})


def answers(user: User, command: str, arguments: str = "", **turn: Any) -> list[str]:
    """The texts of what the bot says to this command, as its template reads in the user's language now."""
    return [text for text, _markup in screens(user, command, arguments, **turn)]


def screens(user: User, command: str, arguments: str = "", **turn: Any) -> list[tuple[str, dict[str, Any]]]:
    """The same with their markup."""
    return [shown(row, user) for row in rows(user, command, arguments, **turn)]


def rows(user: User, command: str, arguments: str = "", *, now: datetime = NOW, pressed: int | None = None) -> Any:
    before = list(Outbox.objects.values_list("pk", flat=True))
    chat = user.telegram_chat_id or 0
    turn = Turn(user=user, chat_id=chat, update_id=next(updates), now=now, arguments=arguments, pressed=pressed)
    with translation.override(user.language), timezone.override(user.zone):
        HANDLERS[command].handler(turn)
    user.refresh_from_db()
    said = list(Outbox.objects.exclude(pk__in=before).order_by("pk"))
    # Each screen must be fit to be said in both languages, whichever the listener reads.
    for row in said:
        for language in LANGUAGES:
            reader = User(language=language, timezone=user.timezone)
            assert rendered(row, reader, now)[0]
    return said


def shown(row: Outbox, user: User, now: datetime = NOW) -> tuple[str, dict[str, Any]]:
    text, markup = rendered(row, user, now)
    return text, markup or {}


def buttons(markup: dict[str, Any], chat: int = 7) -> dict[str, str]:
    """Label -> the address, or the action that the button carries."""
    flat = [cell for row in markup.get("inline_keyboard", []) for cell in row]
    return {cell["text"]: cell.get("url") or str(callbacks.opened(chat, cell["callback_data"])) for cell in flat}
