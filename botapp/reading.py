"""What a listener types, read as what it means; None where it means nothing. Digits of any script will do."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from unicodedata import normalize

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 40  # characters of a wrong word that are said back
OFF = frozenset({"off", "no", "none", "never", "stop", "выкл", "выключить", "отключить", "нет", "никогда", "стоп"})
HOUR = re.compile(
    r"(?:(?:в|at)\s)?(\d{1,2})(?:\s*[:.\-]\s*(\d{2}))?"
    r"\s*(?:(?:h|ч|час|часа|часов)\b\.?)?\s*(am|pm|утра|дня|вечера|ночи)?"
)
# The hours that are called so; no hour is in the same one twice.
PARTS = {
    "утра": frozenset(range(1, 12)),
    "дня": frozenset(range(11, 19)),
    "вечера": frozenset(range(16, 24)),
    "ночи": frozenset({21, 22, 23, *range(6)}),
}


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


def dial(text: str) -> int | None:
    """0..10."""
    found = re.fullmatch(r"\d{1,2}", plain(text))
    return int(found[0]) if found and int(found[0]) <= 10 else None


def share(text: str) -> float | None:
    """0..1, from a fraction (0.8, 0,8) or a percentage (80%, 80); a lone 1 is the whole."""
    found = re.fullmatch(r"(\d{0,3})(?:[.,٫](\d{1,6}))?\s*(%|٪)?", plain(text))
    if not found or not (found[1] or found[2]):
        return None
    number = float(f"{found[1] or 0}.{found[2] or 0}")
    # 1.5 may be meant as either, so it is taken as neither.
    percent = found[3] or number >= 2
    number = number / 100 if percent else number
    return round(number, 4) if number <= 1 else None


def hour(text: str) -> time | None:
    """A time of day: 8, 8:30, 8.30, 20, 8 pm, 8 вечера, в 8:30, 8 ч."""
    found = HOUR.fullmatch(plain(text))
    if not found:
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    at = _of_day(hours, found[3]) if found[3] else hours
    return time(at, minutes) if at is not None and at < 24 and minutes < 60 else None


def _of_day(hours: int, part: str) -> int | None:
    """The hour that "8 pm" or "8 вечера" means; people say "20 вечера" too."""
    if part in PARTS:
        meant = {hours, (hours + 12) % 24} if hours <= 12 else {hours}
        return next(iter(meant & PARTS[part]), None)
    return hours % 12 + (12 if part == "pm" else 0) if 1 <= hours <= 12 else None


def is_off(text: str) -> bool:
    return plain(text) in OFF


def microseconds(at: datetime) -> int:
    """A moment as a button carries it."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(text: str) -> datetime | None:
    """The moment that `microseconds` wrote."""
    return EPOCH + timedelta(microseconds=int(text)) if re.fullmatch(r"[0-9]{1,17}", text) else None
