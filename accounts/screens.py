"""A message from its template: text, then the buttons below it.

    <b>Text in Telegram's HTML</b>
    ::buttons::
    Open => https://open.spotify.com/... | Why => why:12
    ::keyboard::
    New playlist => /generate | Latest => /latest

A line is a row; a target that is no address is an action, which is sealed to the chat. A cell without a label or a
target is left out. `::keyboard::` is the lasting keyboard, whose labels the listener sends as text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts import callbacks
from accounts.models import Outbox, User
from vibe.clients.telegram import Markup

SECTION = re.compile(r"^::(buttons|keyboard)::$", re.MULTILINE)
# A name that comes from outside may hold a marker, or the part that a template would make whole.
FORGED = re.compile(r":(?=buttons|keyboard)|(?<=buttons):|(?<=keyboard):")
JOINER = "\u2060"  # has no width


def rendered(row: Outbox, user: User | None, now: datetime) -> tuple[str, Markup | None]:
    """Telegram's HTML and keyboard, in the user's language and time zone; English and UTC for nobody we know.

    A payload's own `language` goes first: it is of the moment when this was said.
    """
    language = row.payload.get("language") or (user.language if user else "en")
    zone = user.zone if user else UTC
    with translation.override(language), timezone.override(zone):
        text = render_to_string(f"telegram/{row.kind}.html", {**_harmless(row.payload), "now": now})
    body, *sections = SECTION.split(text)
    markup: dict[str, Any] = {}
    for name, content in zip(sections[::2], sections[1::2], strict=True):
        markup |= _inline(content, row.chat_id) if name == "buttons" else _lasting(content)
    # Tags and comments leave lines of their own behind.
    return re.sub(r"\n\s*\n\s*\n", "\n\n", body).strip(), markup or None


def _harmless(value: Any) -> Any:
    """The same to the eye, without anything that could be a marker."""
    if isinstance(value, str):
        return FORGED.sub(lambda colon: f"{JOINER}{colon[0]}{JOINER}", value)
    if isinstance(value, dict):
        return {_harmless(key): _harmless(inner) for key, inner in value.items()}
    return [_harmless(inner) for inner in value] if isinstance(value, list) else value


def cells(content: str) -> list[list[tuple[str, str]]]:
    """Rows of (label, target)."""
    rows = [[_cell(cell) for cell in line.split(" | ")] for line in content.splitlines()]
    full = [[(label, target) for label, target in row if label and target] for row in rows]
    return [row for row in full if row]


def _cell(cell: str) -> tuple[str, str]:
    label, _, target = cell.partition("=>")
    return unescape(label).strip(), unescape(target).strip()


def _inline(content: str, chat_id: int) -> dict[str, Any]:
    rows = [[_button(label, target, chat_id) for label, target in row] for row in cells(content)]
    return {"inline_keyboard": rows} if rows else {}


def _button(label: str, target: str, chat_id: int) -> dict[str, str]:
    if re.match(r"https?://", target):
        return {"text": label, "url": target}
    return {"text": label, "callback_data": callbacks.sealed(chat_id, target)}


def _lasting(content: str) -> dict[str, Any]:
    rows = [[{"text": label} for label, _command in row] for row in cells(content)]
    return {"keyboard": rows, "is_persistent": True, "resize_keyboard": True}
