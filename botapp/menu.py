"""The commands that Telegram itself shows, in its menu and while a listener types."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.screens import cells
from botapp import handlers as handlers  # those imported there are entered in HANDLERS
from botapp.turn import HANDLERS
from vibe.clients.telegram_bot import BotClient

TEMPLATE = "telegram/_commands.html"


def tell(client: BotClient) -> None:
    """In every language, and the default one for all others. Raises ServiceError."""
    client.set_commands(described(settings.LANGUAGE_CODE))
    for language, _name in settings.LANGUAGES:
        client.set_commands(described(language), language)


def described(language: str) -> list[tuple[str, str]]:
    """(command, description) of those there are, in the order of the template."""
    with translation.override(language):
        rows = cells(render_to_string(TEMPLATE))
    return [(name, text) for row in rows for name, text in row if name in HANDLERS and HANDLERS[name].typed]
