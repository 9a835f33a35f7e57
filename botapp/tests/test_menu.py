from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from accounts.screens import cells
from botapp import keyboard, menu
from botapp.turn import HANDLERS

LANGUAGES = [language for language, _name in settings.LANGUAGES]
HIDDEN = {"start", "id", "email"}  # Telegram has a button for the first; the others are asked for where they are needed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_there_is_is_shown_with_a_description_telegram_takes(language):
    described = dict(menu.described(language))
    assert set(described) | HIDDEN >= {name for name, entry in HANDLERS.items() if entry.typed}
    for name, text in described.items():
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(text) <= 256
        assert "&" not in text


def test_nothing_is_promised_that_is_not_there():
    promised = {name for row in cells(render_to_string(menu.TEMPLATE)) for name, _text in row}
    assert promised <= set(HANDLERS)


def test_every_key_of_the_keyboard_leads_somewhere():
    commands = set(keyboard._commands().values())
    assert commands
    for command in commands:
        assert command.startswith("/")
        assert HANDLERS[command[1:].split()[0]].typed


def test_other_text_is_no_key():
    assert keyboard.command("Something else") == ""
