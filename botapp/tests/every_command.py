"""Every command with whatever may be typed behind it; `python -m botapp.tests.every_command` prints the answers."""

from __future__ import annotations

import re
import sys
from html import unescape

INPUTS = {
    "nothing": "",
    "a wrong word": "banana",
    "4096 characters": "9" * 4096,
    "an emoji": "🎸",
    "markup and SQL": "<b>&\"'; DROP TABLE",
    "placeholders": "%s {0} {{x}}",
}
INTRODUCTION = """# What the bot answers

To each command it knows, with whatever may be written behind it: the first line of its first answer, to a listener who
is let in, has Spotify connected and a playlist of three tracks. A command with nothing behind it asks for what it needs
or shows what holds; nothing that is written makes an update fail. "4096 characters" is the longest message there is,
here of nines. `botapp/tests/test_every_command.py` tries the same in each language. This page is what

    python -m botapp.tests.every_command > docs/bot-answers.md

prints.

"""


def message(command: str, words: str) -> str:
    """No longer than Telegram lets one be."""
    return f"/{command} {words}".strip()[:4096]


def first_line(html: str) -> str:
    line = unescape(re.sub(r"<[^>]+>", "", html.partition("\n")[0])).strip()
    return line.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<").replace("*", "\\*")


def table() -> str:
    """As Markdown: command, input, the first line of the first answer."""
    from botapp.turn import HANDLERS

    lines = ["| command | with | first line of the answer |", "|---|---|---|"]
    for command in sorted(name for name, entry in HANDLERS.items() if entry.typed):
        said = {title: answer(command, words) for title, words in INPUTS.items()}
        if len(set(said.values())) == 1:
            said = {"anything": said["nothing"]}
        lines += [f"| /{command} | {title} | {line} |" for title, line in said.items()]
    return "\n".join(lines) + "\n"


def answer(command: str, words: str) -> str:
    """And nothing of it is kept."""
    from django.db import transaction

    from botapp.tests.at_home import NOW
    from botapp.tests.listener import says

    with transaction.atomic():
        said = says(7, message(command, words), now=NOW)
        transaction.set_rollback(True)
    return first_line(said[0].html)


def main() -> None:
    """In a database of its own, with one listener who has a playlist."""
    from django.db import connection
    from django.test.utils import setup_test_environment

    import conftest  # noqa: F401 - no operator's settings

    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        a_listener()
        sys.stdout.write(INTRODUCTION + table())
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def a_listener() -> None:
    """Linked, with one playlist of three tracks."""
    from accounts.tests.spotify import linked_account
    from botapp import handlers as handlers
    from botapp.tests.at_home import NOW, meet
    from botapp.tests.playlist import made

    user = meet(timezone="Europe/Moscow")
    linked_account(user)
    made(user, 3, at=NOW)


if __name__ == "__main__":
    main()
