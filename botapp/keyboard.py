"""The lasting keyboard: its labels arrive as plain text, in whichever language the keyboard was shown in."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from accounts.screens import cells

TEMPLATE = "telegram/_keyboard.html"


def command(label: str) -> str:
    """What the key of that label stands for, like `/generate`; empty for any other text."""
    return _commands().get(" ".join(label.split()), "")


@cache
def _commands() -> dict[str, str]:
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            rows = cells(render_to_string(TEMPLATE).rpartition("::keyboard::")[2])
        found |= {label: target for row in rows for label, target in row}
    return found
