"""What a listener types, read as what it means; None where it means nothing. Digits of any script will do."""

from __future__ import annotations

import re
from datetime import time
from unicodedata import normalize

LONGEST = 40  # characters of a wrong word that are said back
OFF = frozenset({"off", "no", "none", "never", "stop", "выкл", "выключить", "отключить", "нет", "никогда", "стоп"})
HOUR = re.compile(r"(\d{1,2})(?:\s*[:.\-]\s*(\d{2}))?\s*(am|pm)?")


def plain(text: str) -> str:
    """Full-width letters made narrow, case folded, spaces single."""
    return " ".join(normalize("NFKC", text).casefold().split())


def quoted(text: str) -> str:
    """A wrong word as it is said back: one line, not long, without what cannot be stored."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def size(text: str) -> int | None:
    """Tracks a playlist, 1..100."""
    found = re.fullmatch(r"\d{1,3}", plain(text))
    return int(found[0]) if found and 1 <= int(found[0]) <= 100 else None


def share(text: str) -> float | None:
    """0..1, from a fraction (0.8, 0,8) or a percentage (80%, 80); a lone 1 is the whole."""
    found = re.fullmatch(r"(\d{0,3})(?:[.,٫](\d{1,6}))?\s*(%|٪)?", plain(text))
    if not found or not (found[1] or found[2]):
        return None
    number = float(f"{found[1] or 0}.{found[2] or 0}")
    # 1.5 may be meant as either, so it is taken as neither.
    percent = found[3] or (number > 1 and found[2] is None)
    number = number / 100 if percent else number
    return round(number, 4) if number <= 1 else None


def hour(text: str) -> time | None:
    """A time of day: 8, 8:30, 8.30, 20, 8 pm."""
    found = HOUR.fullmatch(plain(text))
    if not found:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if found[3] == "pm" else 0)
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def is_off(text: str) -> bool:
    return plain(text) in OFF
