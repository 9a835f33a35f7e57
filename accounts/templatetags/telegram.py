"""For the templates of messages; `accounts.screens` reads what they yield."""

from __future__ import annotations

import re

from django import template

register = template.Library()
LONGEST = 40  # characters of a name on a button


@register.filter
def label(name: object) -> str:
    """A name fit for a button: one short line without what separates buttons."""
    line = re.sub(r"\s+", " ", str(name)).strip().replace("|", "¦").replace("=>", "→")
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
