"""Each typed command, whatever is written behind it: one turn of answers, none of them an apology."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.db import transaction

from accounts.models import User
from botapp import handlers as handlers  # those imported there are entered in HANDLERS
from botapp.models import HandledUpdate
from botapp.tests.at_home import LANGUAGES, NOW
from botapp.tests.every_command import INPUTS, a_listener, message
from botapp.tests.listener import says
from botapp.tests.playlist import visible
from botapp.turn import HANDLERS

COMMANDS = sorted(name for name, entry in HANDLERS.items() if entry.typed)


class Tags(HTMLParser):
    """Those that are open; each is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "u", "s", "a", "code", "pre"}, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_answers_whatever_is_written_behind_it(command, language):
    a_listener()
    User.objects.update(language=language)
    for title, words in INPUTS.items():
        with transaction.atomic():  # taken back, which is quicker than another listener
            _is_answered(message(command, words), f"/{command}, {title}")
            transaction.set_rollback(True)


def _is_answered(text: str, what: str) -> None:
    said = says(7, text, now=NOW)
    assert (HandledUpdate.objects.count(), bool(said)) == (1, True), what
    assert not {one.kind for one in said} & {"error", "unknown", "waiting"}, what
    for one in said:
        assert (one.chat_id, 1 <= visible(one.html) <= 4096) == (7, True), what
        assert Tags(one.html).open == [], what
        assert "<b>&" not in one.html, what
    assert User.objects.filter(telegram_chat_id=7).exists(), what
