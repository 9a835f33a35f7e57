"""A listener in the tests: what he says and presses goes through the bot, without any HTTP; what it says comes back.

(card,) = says(7, "/generate")
assert "Again" in card.labels
presses(7, "Again")             # a button he was shown last, or an action: "why:12"
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import callbacks
from accounts.models import Outbox, User
from accounts.screens import rendered
from botapp.intake import Intake
from vibe.clients.meter import Meter

NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Button:
    text: str
    url: str = ""
    data: str = ""  # as Telegram brings it back


@dataclass(frozen=True)
class Said:
    """A message as its chat sees it."""

    kind: str
    html: str
    chat_id: int
    rows: list[list[Button]]  # below the message
    keyboard: list[list[str]]  # the lasting one
    edits: int | None  # the message in whose place it is
    message_id: int
    payload: dict[str, Any]

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.text for button in self.buttons]


def says(
    chat: int, text: str, name: str = "Ann", language_code: str = "en", *, now: datetime | None = None
) -> list[Said]:
    """A message in his private chat: what was newly said, in whatever chat."""
    return _new({"message": _message(chat, text, _person(chat, name, language_code))}, now)


def presses(
    chat: int, button: str, name: str = "Ann", language_code: str = "en", *, now: datetime | None = None
) -> list[Said]:
    """A button of that label among the latest messages of his chat, or any other action."""
    found = next(((b, s) for s in reversed(shown(chat)) for b in s.buttons if b.text == button and b.data), None)
    data = found[0].data if found else callbacks.sealed(chat, button)
    return delivers(callback_query=press(chat, data, found[1].message_id if found else 1, name, language_code), now=now)


def delivers(*, now: datetime | None = None, **update: Any) -> list[Said]:
    """Any update: `message=`, `callback_query=` and so on."""
    return _new(update, now)


def press(chat: int, data: str, message_id: int = 1, name: str = "Ann", language_code: str = "en") -> dict[str, Any]:
    person = _person(chat, name, language_code)
    message = _message(chat, "…", {"id": 1, "is_bot": True, "first_name": "Bot"}) | {"message_id": message_id}
    return {"id": f"press-{next(NUMBERS)}", "from": person, "chat_instance": "1", "data": data, "message": message}


def shown(chat: int) -> list[Said]:
    """All that was said in a chat."""
    return [_said(row) for row in Outbox.objects.filter(chat_id=chat).order_by("pk")]


def _new(update: dict[str, Any], now: datetime | None) -> list[Said]:
    assert not settings.TELEGRAM_BOT_TOKEN, "these tests speak to nobody"
    before = Outbox.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    at = now or timezone.now()
    Intake("daily_vibe_bot").take({"update_id": next(NUMBERS), **update}, at, Meter(lambda: at, {}))
    return [_said(row) for row in Outbox.objects.filter(pk__gt=before).order_by("pk")]


def _person(chat: int, name: str, language_code: str) -> dict[str, Any]:
    person = {"id": chat, "is_bot": False, "first_name": name, "username": name.lower()}
    return person | ({"language_code": language_code} if language_code else {})


def _message(chat: int, text: str, person: dict[str, Any]) -> dict[str, Any]:
    private = {"id": chat, "type": "private", "first_name": person["first_name"]}
    return {"message_id": next(NUMBERS), "from": person, "chat": private, "date": 1_790_000_000, "text": text}


def _said(row: Outbox) -> Said:
    html, markup = rendered(row, User.objects.filter(telegram_chat_id=row.chat_id).first(), timezone.now())
    markup = markup or {}
    rows = [
        [Button(cell["text"], cell.get("url", ""), cell.get("callback_data", "")) for cell in line]
        for line in markup.get("inline_keyboard", [])
    ]
    keyboard = [[cell["text"] for cell in line] for line in markup.get("keyboard", [])]
    # What was never sent has no number of Telegram's yet.
    return Said(row.kind, html, row.chat_id, rows, keyboard, row.message_id, row.message_id or row.pk, row.payload)
