"""Which names mean the same track, by keys that are equal. Docs: docs/identity.md."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from recommendations.versions import TRAILING_WORDS, classify, trailing

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
_ROMAN = {word: str(n) for n, word in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 1)}
_SPELLED = {"one": "1", "two": "2", "three": "3", "первая": "1", "вторая": "2", "третья": "3"}
NUMERALS = _ROMAN | _SPELLED
_ASIDE = re.compile(r"[(\[{]|\s[-–—−]\s")
_PART_WORDS = {"part", *_PARTS}
_CREDIT = re.compile(r"\s(?:feat|ft|featuring|при уч\w*|п\.? ?у|prod)\b[. ]\s*\S.*$")
_FEATURED = re.compile(r"(?:^|[\s(\[{])(?:feat|ft|featuring|при уч\w*|п\.? ?у)\b[. ]\s*([^()\[\]{}]+)")
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
    "dolphin": "дельфин",
    "nightsnipers": "ночныеснайперы",
    "civildefense": "гражданскаяоборона",
    "allj": "элджей",
    "animalджаz": "animaljazz",
    "чижandсо": "чиж",
    "чижandco": "чиж",
    "chizh": "чиж",
    "chizhandco": "чиж",
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
    words = _WORD.findall(plain)
    last = len(words) - 1
    # Rock 'n' Roll has a joint, N.E.R.D. an initial.
    return [word if word == "n" and n in (0, last) else _JOINTS.get(word, word) for n, word in enumerate(words)]


def fold(text: str) -> str:
    """Lower-case words with a space between, no marks and punctuation; Cyrillic stays, ё is е, "&" is "and"."""
    plain = _plain(text)
    return " ".join(_words(plain)) or "".join(plain.split())


@lru_cache(maxsize=16384)
def artist_key(name: str) -> str:
    """Equal for the same artist; without spaces, credits and the article. Never empty for a name that is not blank."""
    key = artist_words(name).replace(" ", "")[:ARTIST_LENGTH]
    return ALIASES.get(key, key)


@lru_cache(maxsize=16384)
def artist_words(name: str) -> str:
    """What of a name makes the artist's key, with a space between the words."""
    plain = _plain(name).strip()
    split = plain.split()
    whole = "".join(split)
    if whole.isalnum() and _TELLING_ARTIST.isdisjoint(split):
        return " ".join(split)
    words = " ".join(_words(_CREDIT.sub("", plain.removesuffix(", the"))))
    return _ARTICLE.sub("", words) or whole or name.strip()


@lru_cache(maxsize=32768)
def title_words(title: str) -> tuple[str, str, str]:
    """(folded words that make the title, version class, detail of the version)."""
    plain = _plain(title).strip()
    split = plain.split()
    if _TELLING.isdisjoint(split) and "".join(split).isalnum():
        return " ".join(split), "", ""
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
    return _ARTICLE.sub("", text), version[0], version[1][:DETAIL_LENGTH]


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
    # What follows a version belongs to it: "Live at a place - May 1968".
    tails = tails[: next((n for n, tail in enumerate(tails, 1) if _is_version(tail)), len(tails))]
    while tails and judge(tails[-1]):
        tails.pop()
    return " ".join((head, *tails)), version


def _is_version(aside: str) -> bool:
    return bool((classify(" ".join(_words(aside))) or ("",))[0])


def _numbered(text: str) -> str:
    """ "pt ii" and "часть 2" as "part 2", "parts i-v" as "part 1 5"."""
    words: list[str] = []
    counted = False
    for word in text.split():
        counted = (counted and (word in NUMERALS or word.isdigit())) or word in _PART_WORDS
        words.append(_PARTS.get(word) or (NUMERALS.get(word, word) if counted else word))
    return " ".join(words)


def version_class(title: str) -> str:
    """ "" for the song itself (a remaster is), else "live", "remix", "karaoke", "cover" and so on."""
    return title_words(title)[1]


@lru_cache(maxsize=32768)
def match_key(artist: str, title: str) -> str:
    """Equal for the same track: "artist | title", then the version class in brackets where there is one."""
    words, version, detail = title_words(title)
    key = f"{artist_key(artist)} | {words.replace(' ', '')[:TITLE_LENGTH]}"
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


@lru_cache(maxsize=8192)
def together(artist: str) -> tuple[str, ...]:
    """The names of several artists that are written as one: "A & B", "A feat. B"."""
    plain = _plain(artist)
    names = (*_NAMES.split(_CREDIT.sub("", plain)), *credited(plain))
    return tuple(name.strip() for name in names if name.strip())
