"""What a service calls things, as every database, page and column can hold it."""

from __future__ import annotations

import re

LONGEST_NAME = 400  # characters a column holds; PostgreSQL refuses the whole row for one more
# Control characters and halves of a character: legal in JSON, and fatal to a database or to UTF-8.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def as_text(value: object) -> str:
    """Without what can't be stored; "" for what is no text."""
    return _UNFIT.sub("", value).strip() if isinstance(value, str) else ""


def as_name(value: object) -> str:
    return as_text(value)[:LONGEST_NAME].rstrip()


def as_isrc(value: object) -> str:
    """Twelve characters, which some labels deliver with hyphens; a wrong one would merge tracks that differ."""
    isrc = as_text(value).replace("-", "").upper()
    return isrc if len(isrc) == 12 else ""
