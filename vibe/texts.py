"""Text as Telegram measures it: in units of UTF-16, of which most letters have one and an emoji two."""

from __future__ import annotations


def cut(text: str, units: int) -> str:
    """At most so many units, with an ellipsis where something was cut off."""
    coded = text.encode("utf-16-le", "replace")
    if len(coded) <= 2 * units:
        return text
    return coded[: 2 * (units - 1)].decode("utf-16-le", "ignore").rstrip() + "…"
