"""Time zones by the names people know: cities and countries in Russian and English, from Unicode's CLDR.

https://cldr.unicode.org/translation/time-zones-and-city-names
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources
from itertools import chain
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from rapidfuzz import fuzz, process

from botapp.city_names import NAMES

LANGUAGES = ("en", "ru")
CHOSEN_UTC = "Etc/UTC"  # not "UTC", which stands for a zone that nobody has told yet
SUGGESTED = 5
OF_A_COUNTRY = 12  # clocks that are all shown
LIKE = 70  # of 100: a letter or two may be wrong
SHORTEST = 3  # letters of a beginning
LONGEST = 64  # letters that are looked at
NO_PLACES = {"Factory", "localtime"}
OFFSET = re.compile(r"(utc|gmt|msk|мск)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?")
MOSCOW = 3  # hours; Russians tell their clocks by hers
EAST, WEST = 14, 12  # the most hours before and behind UTC
HALF_A_YEAR = timedelta(days=182)


@dataclass(frozen=True)
class Found:
    """One zone that was meant, or those that may have been, the likeliest first."""

    zone: str = ""
    suggestions: tuple[str, ...] = ()


def find(text: str, now: datetime) -> Found:
    """The zone of a name of IANA's, a city, a country or a distance to UTC."""
    words = _folded(text[:LONGEST])
    if "/" in text and text in _names():
        return Found(zone=_today(text))
    if offset := OFFSET.fullmatch(normalize("NFKC", text).casefold().replace("−", "-").strip()):
        base = MOSCOW * 60 if offset[1] in {"msk", "мск"} else 0
        return _by_offset(base + int(offset[2] + "1") * (int(offset[3]) * 60 + int(offset[4] or 0)), now)
    zones = _different(_index().get(words, ()), now)
    return _chosen(zones) if zones else Found(suggestions=_like(words))


def name(zone: str, language: str) -> str:
    """The city of a zone; "UTC+3" for one that is a distance alone."""
    if offset := re.fullmatch(r"Etc/GMT([+-])(\d+)", zone):
        return f"UTC{'-' if offset[1] == '+' else '+'}{offset[2]}"
    if zone in {"UTC", CHOSEN_UTC}:
        return "UTC"
    return _city(zone, language)


def _by_offset(minutes: int, now: datetime) -> Found:
    hours, odd = divmod(minutes, 60)
    if not odd and -WEST <= hours <= EAST:
        # The names of IANA's count from the other side: Etc/GMT-3 is three hours before UTC.
        return Found(zone=f"Etc/GMT{-hours:+d}" if hours else CHOSEN_UTC)
    return _chosen(_different((zone for zone in _zones() if _offset(zone, now) == timedelta(minutes=minutes)), now))


def _chosen(zones: tuple[str, ...]) -> Found:
    if len(zones) == 1:
        return Found(zone=zones[0])
    return Found(suggestions=zones if len(zones) <= OF_A_COUNTRY else zones[:SUGGESTED])


def _different(zones: Iterable[str], now: datetime) -> tuple[str, ...]:
    """The first of each clock: who names a country with one clock need not be asked for more."""
    first: dict[tuple[timedelta, ...], str] = {}
    for zone in zones:
        first.setdefault((_offset(zone, now), _offset(zone, now + HALF_A_YEAR)), zone)
    return tuple(first.values())


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _like(words: str) -> tuple[str, ...]:
    if not words:
        return ()
    index = _index()
    begun = sorted((key for key in index if key.startswith(words)), key=len) if len(words) >= SHORTEST else []
    close = process.extract(words, index.keys(), scorer=fuzz.ratio, score_cutoff=LIKE, limit=SUGGESTED)
    found = chain.from_iterable(index[key] for key in [*begun, *(key for key, _score, _place in close)])
    return tuple(dict.fromkeys(found))[:SUGGESTED]


def _folded(words: str) -> str:
    """Without case, accents (ё is е) and signs between the words."""
    letters = "".join(char for char in normalize("NFKD", words) if not combining(char)).casefold()
    return " ".join(re.sub(r"[^\w]|_", " ", letters).split())


@lru_cache(maxsize=1)
def _index() -> dict[str, tuple[str, ...]]:
    """Folded names -> zones. A city goes before a country, and that before IANA's older names."""
    index: dict[str, tuple[str, ...]] = {}
    for names in (_ours(), _places(), _countries(), _names_of_zones()):
        index = {key: tuple(dict.fromkeys(zones)) for key, zones in names.items()} | index
    return index


def _ours() -> dict[str, list[str]]:
    return _gathered((word, zone) for zone, words in NAMES.items() for word in words.split(","))


def _places() -> dict[str, list[str]]:
    return _gathered((_city(zone, language), zone) for zone in _zones() for language in LANGUAGES)


def _countries() -> dict[str, list[str]]:
    return _gathered(
        (str(Locale(language).territories[code]), zone) for zone, code in _zones().items() for language in LANGUAGES
    )


def _names_of_zones() -> dict[str, list[str]]:
    older = ((old.rpartition("/")[2], new) for new, names in _older().items() for old in names if new in _zones())
    return _gathered(chain(((zone, _today(zone)) for zone in sorted(_names())), older))


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    gathered = defaultdict(list)
    for words, zone in pairs:
        gathered[_folded(words)].append(zone)
    return gathered


def _today(zone: str) -> str:
    """The name that a zone bears now."""
    return str(get_global("zone_aliases").get(zone, zone))


@lru_cache(maxsize=1)
def _names() -> Set[str]:
    return available_timezones() - NO_PLACES


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """The zones that IANA lists for people to choose from, with their countries; within one about by people."""
    lines = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {row[2].strip(): row[0] for row in rows}


@lru_cache(maxsize=1_000)
def _city(zone: str, language: str) -> str:
    # CLDR keeps a city under the name that its zone had first.
    known = Locale(language).time_zones
    for key in (zone, *_older().get(zone, ())):
        if key in known and "city" in known[key]:
            return str(known[key]["city"])
    return zone.rpartition("/")[2].replace("_", " ")


@lru_cache(maxsize=1)
def _older() -> dict[str, list[str]]:
    older = defaultdict(list)
    for old, new in get_global("zone_aliases").items():
        older[new].append(old)
    return older
