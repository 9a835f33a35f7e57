"""Which language a track is in, as far as its names tell. Docs: docs/identity.md."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

CYRILLIC, LATIN = "cyrillic", "latin"
# Letters that only some of the languages written in Cyrillic have; the first that is found tells.
_LETTERS = (
    ("be", re.compile(r"ў|і.*[ыэё]|[ыэё].*і")),
    ("uk", re.compile(r"[іїєґ]")),
    (CYRILLIC, re.compile(r"[ђјљњћџѓќѕәғқңөұүһҗ]")),
    ("ru", re.compile(r"[ыэёъ]")),
)
# What Ukrainian says without any letter of its own.
_UKRAINIAN = re.compile(r"\b(?:що|як|хто|ти|мене|вона|вони|кохан\w*|\w+[сц]ьк(?:ий|а|е|ого|ої|у))\b")
_LATIN = re.compile(r"[A-Za-z]")
_EASTERN = {"hiragana": "ja", "katakana": "ja", "hangul": "ko", "cjk": "zh"}


@lru_cache(maxsize=32768)
def language(artist: str, title: str) -> str:
    """ "ru", "uk", "be", "ja", "ko", "zh"; else the script: "latin", "cyrillic" (another language), "greek" and so on.

    "" where there is not one letter. All that is written in Latin is one, Kino's "Gruppa krovi" too.
    """
    if not title.isascii():
        title = unicodedata.normalize("NFKC", title).lower()
    if not artist.isascii():
        artist = unicodedata.normalize("NFKC", artist).lower()
    script = _script(title)
    if script in ("", LATIN):  # an artist who writes himself in his script sings "WWW" in his language as a rule
        script = _script(artist) or script
    return _in_cyrillic(title, artist) if script == CYRILLIC else script


def _script(name: str) -> str:
    """The one with most letters; Latin only where there is no other."""
    if name.isascii():
        return LATIN if _LATIN.search(name) else ""
    scripts = Counter(map(_of_letter, name))
    del scripts[""]
    latin = scripts.pop(LATIN, 0)
    known = Counter[str]()
    for script, letters in scripts.items():
        known[_EASTERN.get(script, script)] += letters
    if known["ja"]:
        return "ja"  # kanji are counted as Chinese
    return known.most_common(1)[0][0] if known else LATIN if latin else ""


@lru_cache(maxsize=4096)
def _of_letter(char: str) -> str:
    return unicodedata.name(char, "?").split()[0].lower() if char.isalpha() else ""


def _in_cyrillic(title: str, artist: str) -> str:
    for name in (title, artist):
        for told, letters in _LETTERS:
            if letters.search(name):
                return told
        if _UKRAINIAN.search(name):
            return "uk"
    return "ru"
