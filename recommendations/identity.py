"""Which names mean the same track: keys for equality, and a score for a search's answer. Docs: docs/engine.md."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.fuzz import ratio

from recommendations.versions import TRAILING_WORDS, classify, trailing
from vibe.clients.types import Track

ARTIST_LENGTH, TITLE_LENGTH, DETAIL_LENGTH = 180, 150, 50  # with separators under the 200 and 400 of the columns

# Cyrillic й, ў and ї are letters; every other mark (é, ё, stress) is spelled with and without.
_MARKS = re.compile(r"(?<![иу])\u0306|(?<!і)\u0308|[\u0300-\u0305\u0307\u0309-\u036f]")
_COMBINING = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ё": "е"})
_LIGATURE = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
_STYLED = re.compile(r"[!$&+]")
_SOUND_OF_STYLE = (
    (re.compile(r"(?<=[^\W\d_])!(?=[^\W\d_])"), "i"),
    (re.compile(r"\$(?=[^\W\d_])|(?<=[^\W\d_])\$"), "s"),
    (re.compile(r"&| \+ "), " and "),
)
_WORD = re.compile(r"[^\W_]+")
_JOINTS = {"и": "and", "n": "and", "und": "and"}
_PARTS = {"pt": "part", "pts": "part", "parts": "part", "часть": "part", "ч": "part"}
_NUMERALS = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "one": "1", "two": "2", "three": "3"}
_ASIDE = re.compile(r"[(\[{]|\s[-–—−]\s")
_PART_WORDS = {"part", *_PARTS}
_CREDIT = re.compile(r"\s(?:feat|ft|featuring|при уч\w*|prod)\b[. ]\s*\S.*$")
_FEATURED = re.compile(r"(?:^|[\s(\[{])(?:feat|ft|featuring|при уч\w*)\b[. ]\s*([^()\[\]{}]+)")
_NAMES = re.compile(r"\s*[,/]\s*|\s(?:and|и|x|with)\s")
_VERSION = re.compile(r"(?<=[^|\s]) \([\w ]+\)$")
_BRACKET = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_DASH = re.compile(r"\s+[-–—−]\s+")
# Names without any of these words and without punctuation are their own key: most are, and it saves two thirds.
_TELLING_ARTIST = frozenset({*_JOINTS, "the", "feat", "ft", "featuring", "prod", "при"})
_TELLING = _TELLING_ARTIST.union(_PART_WORDS, TRAILING_WORDS)
_ARTICLE = re.compile(r"^(?:the )+(?=\S)")

# Spellings too far apart for transliteration; folded, without spaces.
ALIASES = {
    "splean": "сплин",
    "splin": "сплин",
    "husky": "хаски",
    "yolka": "елка",
    "elka": "елка",
    "oxxxymiron": "оксимирон",
    "оксимирон": "оксимирон",
    "noizemc": "нойзмс",
    "mumiytroll": "мумийтролль",
    "korolishut": "корольandшут",
    "agathachristie": "агатакристи",
    "aquarium": "аквариум",
    "pizza": "пицца",
    "skryptonite": "скриптонит",
}


def _plain(text: str) -> str:
    """Case, width, ligatures and accents gone; punctuation still there."""
    if text.isascii():
        text = text.lower()
    else:
        text = _spelled_out(text.casefold())
        if _COMBINING.search(text) or not unicodedata.is_normalized("NFKD", text.replace("й", "и")):
            text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
            text = _spelled_out(unicodedata.normalize("NFC", _MARKS.sub("", text)))
    if _STYLED.search(text):
        for pattern, letters in _SOUND_OF_STYLE:
            text = pattern.sub(letters, text)
    return text


def _spelled_out(text: str) -> str:
    return text.translate(_LETTERS) if _LIGATURE.search(text) else text


def _words(plain: str) -> list[str]:
    return [_JOINTS.get(word, word) for word in _WORD.findall(plain)]


def fold(text: str) -> str:
    """Lower-case words with a space between, no marks and punctuation; Cyrillic stays, ё is е, "&" is "and"."""
    plain = _plain(text)
    return " ".join(_words(plain)) or "".join(plain.split())


@lru_cache(maxsize=16384)
def artist_key(name: str) -> str:
    """Equal for the same artist; without spaces, credits and the article. Never empty for a name that is not blank."""
    plain = _plain(name).strip()
    split = plain.split()
    key = "".join(split)
    if not (key.isalnum() and _TELLING_ARTIST.isdisjoint(split)):
        words = " ".join(_words(_CREDIT.sub("", plain.removesuffix(", the"))))
        key = _ARTICLE.sub("", words).replace(" ", "") or key or name.strip()
    key = key[:ARTIST_LENGTH]
    return ALIASES.get(key, key)


@lru_cache(maxsize=32768)
def _title(title: str) -> tuple[str, str, str]:
    """(folded words without spaces, version class, detail of the version)."""
    plain = _plain(title).strip()
    split = plain.split()
    if _TELLING.isdisjoint(split) and (whole := "".join(split)).isalnum():
        return whole[:TITLE_LENGTH], "", ""
    body, version = _without_brackets(plain) if _ASIDE.search(plain) else (plain, ("", ""))
    words = _words(_CREDIT.sub("", body))
    text = " ".join(words)
    if not version[0]:
        text, trailed = trailing(text)
        version = (trailed, "")
    if not text:
        text, version = " ".join(_words(plain)) or plain or title.strip(), ("", "")
    if not _PART_WORDS.isdisjoint(words):
        text = _numbered(text)
    return _ARTICLE.sub("", text).replace(" ", "")[:TITLE_LENGTH], version[0], version[1][:DETAIL_LENGTH]


def _without_brackets(plain: str) -> tuple[str, tuple[str, str]]:
    """The title without asides that say nothing of it, and what the first telling one made of it."""
    version = ("", "")

    def judge(aside: str) -> bool:
        nonlocal version
        verdict = classify(" ".join(_words(aside)))
        if verdict and not version[0]:
            version = verdict
        return verdict is not None

    def drop(bracket: re.Match[str]) -> str:
        return " " if judge(bracket[1]) else f" {bracket[1]} "

    while (shorter := _BRACKET.sub(drop, plain)) != plain:
        plain = shorter
    head, *tails = _DASH.split(plain)
    while tails and judge(tails[-1]):
        tails.pop()
    return " ".join((head, *tails)), version


def _numbered(text: str) -> str:
    """ "pt ii" and "часть 2" as "part 2"."""
    words = [_PARTS.get(word, word) for word in text.split()]
    return " ".join(
        _NUMERALS.get(word, word) if before == "part" else word
        for before, word in zip(["", *words], words, strict=False)
    )


def version_class(title: str) -> str:
    """ "" for the song itself (a remaster is), else "live", "remix", "karaoke", "cover" and so on."""
    return _title(title)[1]


@lru_cache(maxsize=32768)
def match_key(artist: str, title: str) -> str:
    """Equal for the same track: "artist | title", then the version class in brackets where there is one."""
    words, version, detail = _title(title)
    key = f"{artist_key(artist)} | {words}"
    return f"{key} ({detail} {version})".replace("( ", "(") if version else key


def song(key: str) -> str:
    """A match key without its version: that of the song itself."""
    return _VERSION.sub("", key)


@lru_cache(maxsize=8192)
def credited(text: str) -> tuple[str, ...]:
    """Keys of the artists whom a title (or an artist's name) names as guests."""
    found = _FEATURED.search(_plain(text))
    guests = _DASH.split(found[1])[0].strip() if found else ""
    return tuple(artist_key(name) for name in {guests, *_NAMES.split(guests)} if name.strip())


# Reference: measured with rapidfuzz over Russian and English names (docs/engine.md).
SURE_TITLE, SURE_ARTIST = 85, 80
LONG_TITLE, LONG_ARTIST = 9, 7  # letters from which one wrong letter is a slip and not another word
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
_IMITATION = re.compile(
    r"karaoke|караоке|\btribute\b|трибьют|in the style of|cover band|originally performed|backing track"
)
_ELSEWHERE = re.compile(
    r"\blive\b|концерт|unplugged|best of|greatest hits|лучшее|избранное|collection|сборник|\bhits\b"
)


def matches(wanted_artist: str, wanted_title: str, track: Track) -> float:
    """How surely the Spotify track is what the names mean, 0..1; below 0.8 is a no.

    Names are compared as Latin, since one artist is Кино here and Kino there. Any of the track's artists will do.
    """
    words, *version = _title(wanted_title)
    found, *other = _title(track.name)
    names = [artist.name for artist in track.artists]
    around = fold(" / ".join((track.album, *names)))
    if version != other or (_IMITATION.search(around) and not _IMITATION.search(fold(wanted_artist))):
        return 0.0
    title = _likeness(words, found, LONG_TITLE)
    wanted = artist_key(wanted_artist)
    artist = max(_likeness(wanted, artist_key(name), LONG_ARTIST) for name in (*names, " and ".join(names)))
    if title < SURE_TITLE or artist < SURE_ARTIST or _digits(words) != _digits(found):
        return 0.0
    aside = bool(_ELSEWHERE.search(around)) + (fold(wanted_title) != fold(track.name))
    return min(title, artist) / 100 - 0.01 * aside  # of equal names, the plain studio track


def _likeness(one: str, other: str, long: int) -> float:
    """0..100; in one script short names must be equal: "Believe" is not "Believer"."""
    if one == other:
        return 100.0
    if one.isascii() == other.isascii():
        return ratio(one, other) if min(len(one), len(other)) >= long else 0.0
    return ratio(sound(one), sound(other))


@lru_cache(maxsize=8192)
def sound(key: str) -> str:
    """An artist's key in Latin letters: equal for Кино and Kino."""
    text = anyascii(key).lower()
    for spelling, letter in _SOUNDS:
        text = text.replace(spelling, letter)
    return "".join(_WORD.findall(text))


def _digits(key: str) -> str:
    return "".join(filter(str.isdigit, key))
