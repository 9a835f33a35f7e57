"""Alice at her settings, and what people and attackers type behind any command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Outbox, User
from accounts.screens import rendered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LANGUAGES = ("en", "ru")
COUNTS = (1, 2, 5, 11, 21, 101)  # each asks for a plural of its own, 0 too
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
    "ё" * 4_000,
]
wrong = pytest.mark.parametrize("words", WRONG, ids=range(len(WRONG)))
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def meet(**fields: Any) -> User:
    """A listener who was let in; his chat is number 7."""
    return User.objects.create(**{"username": "tg7", "telegram_chat_id": 7, "is_approved": True, **fields})


def reads(kind: str, language: str, **context: Any) -> str:
    """The text of a screen, as somebody reads it who has that language."""
    return rendered(Outbox(chat_id=7, kind=kind, payload=context), User(language=language), NOW)[0]


def now_has(user: User) -> User:
    user.refresh_from_db()
    return user
