"""How alike two folded names are: one spelling, a slip of the pen, or a transliteration. Docs: docs/identity.md."""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import ratio

WORD = 6  # letters of a word in which a slip is a slip: "love" and "live" are two words
ENDING = 2  # letters of a word that are its ending: another ending is another word, in Russian above all

_WORD = re.compile(r"[^\W_]+")
_SOUNDS = (
    ("shch", "sh"),
    ("sch", "sh"),
    ("kh", "h"),
    ("ts", "c"),
    ("tz", "c"),
    ("ck", "k"),
    ("x", "ks"),
    ("w", "v"),
    ("j", "i"),
    ("y", "i"),
    ("ii", "i"),
)
# What every system of transliteration writes in its own way.
_SOFT = (("ph", "f"), ("ee", "i"), ("ii", "i"), ("io", "e"), ("ie", "e"), ("iu", "u"), ("ia", "a"))


def likeness(one: str, other: str, letters: int) -> float:
    """0..1: 1 for one spelling, 0 for different names. One slip is forgiven in every so many `letters`."""
    joined, joined_other = one.replace(" ", ""), other.replace(" ", "")
    if joined == joined_other:
        return 1.0
    if one.isascii() == other.isascii():
        alike = sound(joined) == sound(joined_other) and len(joined) >= letters
        return ratio(joined, joined_other) / 100 if alike or is_slip(one, other, letters) else 0.0
    one, other = softened(one), softened(other)
    joined, joined_other = one.replace(" ", ""), other.replace(" ", "")
    alike = joined == joined_other or is_slip(one, other, letters)
    return ratio(joined, joined_other) / 100 if alike else 0.0


def is_slip(one: str, other: str, letters: int) -> bool:
    """Whether all that differs are single letters in the middle of long words, or doubled ones."""
    wrong = 0
    for edit in Levenshtein.editops(one, other):
        at, there = edit.src_pos, edit.dest_pos
        ours, theirs = edit.tag != "insert", edit.tag != "delete"  # in which of both the letter stands
        if (ours and one[at] == " ") or (theirs and other[there] == " "):
            continue
        wrong += 1
        doubled = ours != theirs and (_doubled(one, at) if ours else _doubled(other, there))
        if not (doubled or (_inside(one, at, ours) and _inside(other, there, theirs))):
            return False
    return wrong * letters <= min(len(one), len(other))


def _doubled(text: str, at: int) -> bool:
    return text[at] in (text[at - 1 : at], text[at + 1 : at + 2])


def _inside(text: str, at: int, here: bool) -> bool:
    """Whether the letter at (or, if not `here`, the gap before) the place is deep in a long word."""
    start, end = text.rfind(" ", 0, at) + 1, text.find(" ", at)
    end = len(text) if end < 0 else end
    return end - start + (not here) >= WORD and at > start and end - at - here >= ENDING


@lru_cache(maxsize=8192)
def sound(key: str) -> str:
    """A folded name in Latin letters, without spaces: equal for Кино and Kino."""
    return "".join(_sounds(key))


def _sounds(text: str) -> list[str]:
    latin = anyascii(text).lower()
    for spelling, letter in _SOUNDS:
        latin = latin.replace(spelling, letter)
    return _WORD.findall(latin)


@lru_cache(maxsize=8192)
def softened(text: str) -> str:
    """As `sound`, coarser, with the words apart. A Latin "i" of its own is the Cyrillic "и", which folds to "and"."""
    if text.isascii():
        text = " ".join("and" if word == "i" else word for word in text.split())
    words = " ".join(_sounds(text))
    for spelling, letter in _SOFT:
        words = words.replace(spelling, letter)
    return words
