"""Keyboards below messages, and the one in place of the phone's: what Telegram takes for one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from vibe.sandbox.telegram_wire import Ask, bad

MOST_BUTTONS = 100  # of an inline keyboard; Telegram does not say, and answers REPLY_MARKUP_TOO_LONG
LONGEST_DATA = 64  # bytes
# What a button may do beside its text; the sandbox's chat can do the first two.
ACTIONS = (
    *("url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat"),
    *("switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay"),
)


def markup(ask: Ask, *, inline_only: bool = False) -> dict[str, Any] | None:
    """The reply_markup sent, if any. Raises TelegramError."""
    sent: dict[str, Any] | None = ask.parsed("reply_markup", dict, "object expected as reply markup")
    if not sent:
        return None
    if "inline_keyboard" in sent:
        _check_rows(sent, "inline_keyboard", _check_inline)
        if sum(map(len, sent["inline_keyboard"])) > MOST_BUTTONS:
            raise bad("REPLY_MARKUP_TOO_LONG")
    elif inline_only:
        raise bad("inline keyboard expected")
    elif "keyboard" in sent:
        _check_rows(sent, "keyboard", _check_key)
    return sent


def buttons(sent: dict[str, Any] | None) -> list[list[dict[str, str]]]:
    """Inline buttons as a transcript has them: text with url or data."""
    rows = (sent or {}).get("inline_keyboard") or []
    return [[_button(one) for one in row] for row in rows]


def keyboard(sent: dict[str, Any] | None) -> list[list[str]]:
    rows = (sent or {}).get("keyboard") or []
    return [[one["text"] if isinstance(one, dict) else one for one in row] for row in rows]


def _button(one: dict[str, Any]) -> dict[str, str]:
    does = {"data": one["callback_data"]} if "callback_data" in one else {"url": one["url"]} if "url" in one else {}
    return {"text": one["text"], **does}


def _check_rows(sent: dict[str, Any], field: str, check: Callable[[Any], object]) -> None:
    rows = sent[field]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad(f'field "{field}" of the ReplyMarkup must be an Array of Arrays')
    for row in rows:
        for button in row:
            check(button)


def _check_key(button: Any) -> None:
    _label(button if isinstance(button, dict) else {"text": button}, "keyboard button")


def _label(button: Any, what: str) -> str:
    if not isinstance(button, dict):
        raise bad(f"can't parse {what}: expected an Object")
    text = button.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad(f'can\'t parse {what}: field "text" must be a non-empty String')
    return text


def _check_inline(button: Any) -> None:
    text = _label(button, "inline keyboard button")
    does = [name for name in ACTIONS if name in button]
    if not does:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(does) > 1:  # Telegram takes the first and is silent about the rest
        raise bad(f"can't parse inline keyboard button: exactly one of {', '.join(does)} must be used for {text!r}")
    if does == ["callback_data"]:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= LONGEST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    if does == ["url"] and (fault := _url_fault(button["url"])):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: {fault}")


def _url_fault(url: Any) -> str:
    """Telegram knows no host without a dot: http://localhost is none, http://127.0.0.1 is one."""
    if not isinstance(url, str) or not url.strip():
        return "URL must be non-empty"
    if url.startswith("tg://"):
        return ""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        return "Wrong port number specified in the URL"
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https"):
        return "Unsupported URL protocol"
    return "" if re.search(r"[^.]\.[^.]|:", host) and not re.search(r"\s", url) and port != 0 else "Wrong HTTP URL"
