"""Whether a search found the track whose names were wanted. Docs: docs/identity.md."""

from __future__ import annotations

import re

from rapidfuzz.fuzz import ratio

from recommendations.identity import NUMERALS, artist_key, artist_words, credited, fold, title_words, together
from recommendations.likeness import likeness, sound
from recommendations.versions import classify
from vibe.clients.types import Track

SURE = 0.8  # below this a search result is not what was meant
LONG_TITLE, LONG_ARTIST = 9, 7  # letters in which one wrong letter is a slip and not another word
TRANSLITERATED, NEARLY = 0.8, 0.5  # artists in two scripts; with an equal length as a second proof
SAME_LENGTH = 3_000  # ms
STEM = 4  # letters that tell a nocturne from a waltz, and not from the nocturnes
OTHER_LENGTH = 2, 30_000  # so many times and so many ms longer is no edit of it

_IMITATION = re.compile(
    r"karaoke|караоке|\btribute\b|трибьют|in the style of|cover band|originally performed|backing track"
)
_ELSEWHERE = re.compile(
    r"\blive\b|концерт|unplugged|best of|greatest hits|лучшее|избранное|collection|сборник|\bhits\b"
)
_CATALOGUE = re.compile(r"\b(?:op|opus|bwv|kv?|rv|hob|woo|соч) \d+(?: no \d+)?\b")
_OTHER_WORDS = re.compile(r"version|версия|\bpart\b|\bчасть\b|reprise|interlude|prelude|session|\bby\b|\bmix|\d")
_PHRASE = re.compile(r"\b(?:i|me|my|we|us|you|your|it|is|be|to|the|for|я|мне|меня|мы|ты|тебя|мой|твой|не|это)\b")
_SUBTITLED = re.compile(r"^(?P<head>.*\S)(?: [-–—] (?P<tail>.+)| [(\[](?P<aside>[^()\[\]]+)[)\]])$")


def matches(wanted_artist: str, wanted_title: str, track: Track, *, isrc: str = "", duration_ms: int = 0) -> float:
    """How surely the Spotify track is what the names mean, 0..1; below `SURE` is a no.

    `isrc`, `duration_ms`: of what is wanted, where they are known. An equal ISRC needs but one of the names; a
    different one says nothing, since each release has its own. Any of the track's artists will do.
    """
    words, *version = title_words(wanted_title)
    found, *other = title_words(track.name)
    lengths = (duration_ms, track.duration_ms)
    artist = _artist(wanted_artist, track, sure=words == found and _same_length(*lengths))
    title = _title(words, found) or _without_subtitle(wanted_title, track, sure=_same_length(*lengths))
    if isrc and isrc == track.isrc:
        return 1.0 if max(artist, title) >= SURE else 0.0
    if version != other or _imitates(wanted_artist, track) or _other_length(*lengths):
        return 0.0
    aside = bool(_ELSEWHERE.search(_around(track))) + (fold(wanted_title) != fold(track.name))
    # Of equal names, the plain studio track.
    return max(SURE, min(title, artist) - 0.01 * aside) if title and artist else 0.0


def _around(track: Track) -> str:
    return fold(" / ".join((track.album, *(artist.name for artist in track.artists))))


def _imitates(wanted_artist: str, track: Track) -> bool:
    return bool(_IMITATION.search(_around(track)) and not _IMITATION.search(fold(wanted_artist)))


def _artist(wanted: str, track: Track, *, sure: bool) -> float:
    names = [artist.name for artist in track.artists]
    best = max(_one_artist(wanted, name, sure=sure) for name in (*names, " and ".join(names)))
    parts = together(wanted)
    if best or len(parts) < 2:
        return best
    known = {*map(artist_key, names), *credited(track.name)}
    return min(max(_one_artist(part, name, sure=False) for name in known) for part in parts)


def _one_artist(wanted: str, name: str, *, sure: bool) -> float:
    if artist_key(wanted) == artist_key(name):
        return 1.0
    one, other = artist_words(wanted), artist_words(name)
    if _numbers(one) != _numbers(other):
        return 0.0
    if _is_longer(*sorted((one.split(), other.split()), key=len)):
        return SURE
    if (alike := likeness(one, other, LONG_ARTIST)) or one.isascii() == other.isascii():
        return alike
    one, other = sound(one), sound(other)
    alike = ratio(one, other) / 100
    if sure:
        return max(SURE, alike) if alike >= NEARLY else 0.0
    return alike if alike >= TRANSLITERATED and min(len(one), len(other)) >= LONG_ARTIST else 0.0


def _is_longer(name: list[str], full: list[str]) -> bool:
    """Whether the full name of a person only adds a second name, or a father's."""
    return len(name) == 2 and len(full) == 3 and name == full[::2]


def _title(words: str, found: str) -> float:
    if words == found:
        return 1.0
    works = _CATALOGUE.findall(words), _CATALOGUE.findall(found)
    if all(works):
        movements = _numbers(words, "ivx") == _numbers(found, "ivx")
        return SURE if works[0] == works[1] and movements and words[:STEM] == found[:STEM] else 0.0
    if _numbers(words) != _numbers(found):
        return 0.0
    return likeness(_counted(words), _counted(found), LONG_TITLE)


def _without_subtitle(wanted: str, track: Track, *, sure: bool) -> float:
    """As `_title`, where one of both has a subtitle that says nothing of another recording."""
    words, found = title_words(wanted)[0], title_words(track.name)[0]
    return max(_title(words, _head(track.name, track.album, sure)), _title(_head(wanted, "", sure), found))


def _head(title: str, album: str, sure: bool) -> str:
    """The title without its subtitle, if that names the album or is a phrase (or the length makes sure), else ""."""
    parts = _SUBTITLED.match(title)
    aside = fold(parts["tail"] or parts["aside"]) if parts else ""
    if not parts or classify(aside) is not None or _OTHER_WORDS.search(aside):
        return ""
    # The album of a film has the film's name; that of a single with another take has both.
    film = aside in fold(album) and fold(parts["head"]) not in fold(album)
    return title_words(parts["head"])[0] if sure or film or (parts["aside"] and _PHRASE.search(aside)) else ""


def _counted(words: str, single: str = "") -> str:
    """Roman numerals behind the first word as digits; those of one letter only where they are among `single`."""
    first, *others = words.split() or [""]
    return " ".join(
        (first, *(NUMERALS.get(word, word) if len(word) > 1 or word in single else word for word in others))
    )


def _numbers(words: str, single: str = "") -> str:
    return "".join(filter(str.isdigit, _counted(words, single)))


def _same_length(wanted: int, found: int) -> bool:
    return bool(wanted and found) and abs(wanted - found) <= SAME_LENGTH


def _other_length(wanted: int, found: int) -> bool:
    times, more = OTHER_LENGTH
    shorter, longer = sorted((wanted, found))
    return bool(shorter) and longer > times * shorter and longer - shorter > more
