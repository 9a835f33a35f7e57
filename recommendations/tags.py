"""What listeners call artists: which of their tags say how music sounds, and how well an artist fits one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import sqrt

from recommendations.candidates import SeedArtist
from recommendations.questions import Answer

SEED = "tag "  # before a tag, where it leads to tracks as a seed does
LEAST = 0.3  # a tag given more rarely than this, of the most often given, is somebody's fancy
BROAD_SAY = 0.3
ALONE_SAY = 0.5  # of a tag that only one of the artists carries

# Genres so wide that their best-known tracks say nothing about a listener.
_BROAD = re.compile(
    r"((alternative|classic|indie|pop) )?rock|pop|indie|alternative|electronica?|metal|hip hop|rap|rnb|dance|folk|soul"
    r"|punk|acoustic|instrumental|singer songwriter|experimental"
)
# Opinions, habits and other things that are no sound. Voices, places and years are one, but too many share it.
_OPINIONS = re.compile(
    r"\b(seen live|favou?rit\w*|fav\w?|loved?|best|awesome|amazing|beautiful|sexy|great|dope|catchy|wtf|perfect"
    r"|my|own|owned|spotify|lastfm|last fm|wishlist|check out|under \d+|to listen|guilty|christmas)\b"
    r"|^(all|cool|good|nice|classic|oldies|covers?|summer|rain|memories|music|songs?|artists?|legends?|genius|miserable|<3)$"
)
_VOICES = re.compile(r"((fe)?male )?(vocals?|vocalists?|singers?)|(fe)?male|duets?|bands?|girl groups?|boy ?bands?")
_PLACES = re.compile(
    r"american?|usa?|british|uk|english|scottish|irish|welsh|canad(ian|a)|australian?|german|deutsch|french|spanish"
    r"|italian|swedish|norwegian|finnish|danish|icelandic|dutch|polish|japan(ese)?|korean|brazilian|russian?|soviet"
    r"|ukrainian|belarusian|new york|london|seattle|manchester|saint petersburg|moscow|california|chicago|texas"
)
_YEARS = re.compile(r"(19|20)?\d0'?s|(19|20)\d\d|(sixt|sevent|eight|ninet)ies|twenty first century")


def plain(tag: str) -> str:
    """One spelling for a tag: Hip-Hop and hip hop are one."""
    return " ".join(re.sub(r"[-_/]+", " ", tag.casefold()).split())


def is_sound(tag: str) -> bool:
    """Whether a plain tag says how music sounds."""
    if any(no.fullmatch(tag) for no in (_VOICES, _PLACES, _YEARS)):
        return False
    return len(tag) > 1 and not _OPINIONS.search(tag)


def heard_most(artists: Sequence[SeedArtist], answers: Sequence[Answer], most: int) -> list[tuple[str, float]]:
    """(tag, how much of it 0..1) of what these artists are called, the most first; the best is 1."""
    say: dict[str, float] = defaultdict(float)
    carried: dict[str, int] = defaultdict(int)
    for artist, rows in zip(artists, answers, strict=True):
        tags = {plain(row.title): row.match for row in reversed(rows) if row.match >= LEAST}
        for tag, weight in tags.items():
            if is_sound(tag) and tag != artist.name.casefold():
                say[tag] += sqrt(artist.count) * weight * (BROAD_SAY if _BROAD.fullmatch(tag) else 1.0)
                carried[tag] += 1
    worth = {tag: total * (1.0 if carried[tag] > 1 else ALONE_SAY) for tag, total in say.items()}
    best = sorted(worth, key=lambda tag: (-worth[tag], tag))[:most]
    return [(tag, worth[tag] / worth[best[0]]) for tag in best]


def weight_of(wanted: str, rows: Answer) -> float:
    """How much an artist so tagged is `wanted` (plain): cool jazz is jazz, and post-rock is rock."""
    words = set(wanted.split())
    return max((row.match for row in rows if words <= set(plain(row.title).split())), default=0.0)


def fit(whole: str, parts: Iterable[str], moods: Iterable[str], rows: Answer) -> float:
    """How well an artist fits a wish, 0..1: by the whole of it, or by every part of it that is no mood.

    A mood adds something and is never asked for, for few artists are tagged with one. One of nothing but moods is
    as a genre.
    """
    weights = [weight_of(part, rows) for part in parts]
    lifts = [weight_of(mood, rows) for mood in moods]
    by_parts = min(weights, default=0.0) if weights else max(lifts, default=0.0)
    lifted = by_parts + (1 - by_parts) * 0.5 * max(lifts, default=0.0) if weights else by_parts
    return max(weight_of(whole, rows), lifted)
