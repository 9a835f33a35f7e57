"""For the templates of messages; `accounts.screens` reads what they yield."""

from __future__ import annotations

import re

from django import template

from vibe import texts

register = template.Library()
LONGEST = 40  # characters of a name on a button


@register.filter
def label(name: object) -> str:
    """A name fit for a button: one short line without what separates buttons."""
    line = re.sub(r"\s+", " ", str(name)).strip().replace("|", "¦").replace("=>", "→")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


@register.filter
def cut(text: object, units: int) -> str:
    """At most so many of the units in which Telegram counts a message: an emoji has two."""
    return texts.cut(str(text), units)
