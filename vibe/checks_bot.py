"""What is wrong with the bot's settings, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Warned

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORTS = (None, 80, 88, 443, 8443)  # https://core.telegram.org/bots/api#setwebhook


@register()
def bot(**_: Any) -> list[CheckMessage]:
    return [*_mode(), *_doorkeeper()]


def _mode() -> Iterator[CheckMessage]:
    if settings.TELEGRAM_MODE not in {"polling", "webhook"}:
        yield Error(f"TELEGRAM_MODE is {settings.TELEGRAM_MODE!r}.", "Write polling or webhook.", id="vibe.E029")
    elif settings.TELEGRAM_MODE == "webhook" and not _is_reached(settings.PUBLIC_URL):
        hint = "Write an https PUBLIC_URL (port 443, 80, 88 or 8443), or TELEGRAM_MODE=polling, which needs none."
        yield Error("Telegram can't bring updates to PUBLIC_URL.", hint, id="vibe.E030")


def _doorkeeper() -> Iterator[CheckMessage]:
    if settings.TELEGRAM_BOT_TOKEN and not settings.OPERATOR_CHAT_ID and not settings.BOT_OPEN:
        hint = "Write your chat's number, which the bot tells you when you send it /id; or BOT_OPEN=1 for everybody."
        yield Warned("OPERATOR_CHAT_ID is missing: nobody can let listeners in.", hint, id="vibe.W004")


def _is_reached(address: str) -> bool:
    """Whether Telegram, or the stand-in for it on this machine, may call there."""
    try:
        parts = urlsplit(address)
        return (parts.scheme == "https" and parts.port in PORTS) or parts.hostname in LOOPBACK
    except ValueError:
        return False
