"""What is made to be found and not to be listened to: karaoke, tributes, sleep noise. Docs: docs/identity.md.

A word alone condemns no song: "Karaoke" by Drake is one, and so is "White Noise" by Disclosure.
"""

from __future__ import annotations

import re
from functools import lru_cache

from recommendations.identity import artist_key, fold, version_class

VERSIONS = {"karaoke", "tribute"}
_ASIDE = re.compile(r"[(\[{]([^()\[\]{}]*)|\s[-–—]\s(.+)$")
_ASIDES = re.compile(
    r"\b8 ?bit\b|chiptune|\bringtones?\b|рингтон|\bwork ?out\b|\b\d{2,3} ?bpm\b|music box"
    r"|\blullab(?:y|ies) (?:version|rendition|cover)|\b(?:for|aid) (?:\w+ )?sleep\b|\bloop(?:able|ed)\b|no fade"
    r"|для (?:сна|медитации|фитнеса|тренировки)"
)
_NOISE = (
    r"(?:(?:white|brown|pink|green) noise|(?:rain|ocean|nature|forest|fan|womb|hair ?dryer|vacuum) (?:sounds?|noise))"
)
_TITLES = re.compile(
    rf"\b{_NOISE}\b.*\b(?:sleep\w*|bab(?:y|ies)|relax\w*|loop\w*|hours?|hz|meditation)\b"
    rf"|\b(?:sleep\w*|bab(?:y|ies)|relax\w*|hours?)\b.*\b{_NOISE}\b"
    r"|\b(?:meditation|relaxing|relaxation|calming|sleep(?:ing)?|spa|yoga|massage|reiki) music\b"
    r"|\bbinaural beats?\b|\bsolfeggio\b|\b\d{3} ?hz\b|\basmr\b"
    r"|(?:белый|розовый|коричневый) шум для|звуки (?:природы|дождя|моря|леса) для|музыка для (?:сна|медитации|релакса)"
)
_BANDS = re.compile(
    r"karaoke|караоке|\btribute (?:band|players|team|stars|project|show|artists?|to)\b|.\btribute$|трибьют"
    r"|\bcover (?:band|crew|nation|guru)\b|\bringtones?\b|рингтон|\bwork ?out\b|\bfitness (?:music|beats)\b"
    rf"|{_NOISE} .|. {_NOISE}|^(?:rain|nature|ocean) sounds$|\bsounds of nature\b"
    r"|\b(?:sleep|spa|study|yoga|zen|meditation|relaxation|relaxing|baby|reiki)\b.*\b(?:music|sounds?|noise|therapy|academy)\b"
    r"|\b(?:baby|bedtime) lullab(?:y|ies)\b"
    r"|\blullab(?:y|ies) (?:players|renditions|versions|orchestra|ensemble|trio|bab(?:y|ies))\b"
    r"|(?:музыка|звуки) для (?:сна|медитации|йоги|релакса|спа)|\bзвуки природы\b|колыбельные для|белый шум для"
)
# Either may be a band's or a song's; both together are filler.
_NOISY_BANDS = re.compile(rf"^(?:{_NOISE}|(?:deep|baby) sleep)$")
_NOISY_TITLES = re.compile(
    rf"{_NOISE}|\b(?:sleep\w*|bab(?:y|ies)|loop\w*|hours?|hz)\b"
    r"|^(?:(?:heavy|soft|gentle|light) )?(?:oceans?|sea|rain\w*|thunder\w*|forest|river|wind|fan|waves|storm)"
    r"(?: (?:waves|storm|sounds?))?$"
)
_ALBUMS = re.compile(
    r"karaoke|караоке|\bringtones?\b|рингтон|\blullaby (?:renditions|versions)\b|\b8 ?bit (?:covers|versions)\b"
)
# Whose names say nothing.
BANDS = frozenset(
    map(
        artist_key,
        (
            "Rockabye Baby!",
            "Twinkle Twinkle Little Rock Star",
            "Sing King",
            "Sing2Piano",
            "Sing2Guitar",
            "Ameritz",
            "Molotov Cocktail Piano",
            "8-Bit Arcade",
            "8 Bit Universe",
            "8-Bit Misfits",
            "Arcade Player",
            "Kidz Bop Kids",
            "Rainy Mood",
        ),
    )
)


# Names without any of these need no closer look: nearly all, and it saves nine tenths of the time.
_TELLING = (
    *(
        "karaoke",
        "караоке",
        "tribute",
        "трибьют",
        "style",
        "стиле",
        "originally",
        "made ",
        "backing",
        "минус",
        "cover ",
    ),
    *("bit", "chiptune", "ringtone", "рингтон", "workout", "work out", "work-out", "fitness", "bpm", "music", "lullab"),
    *("sleep", "loop", "no fade", "noise", "sounds", "binaural", "solfeggio", "hz", "asmr", "therapy", "academy"),
    *("шум ", "звуки", "для "),
)


@lru_cache(maxsize=32768)
def is_clutter(artist: str, title: str, album: str = "") -> bool:
    """Whether the names betray filler. `album`: where it is known."""
    text = f"{artist}\n{title}\n{album}".lower()
    return artist_key(artist) in BANDS or (any(word in text for word in _TELLING) and _betrays(artist, title, album))


def _betrays(artist: str, title: str, album: str) -> bool:
    return (
        version_class(title) in VERSIONS
        or bool(_BANDS.search(fold(artist)) or _TITLES.search(fold(title)) or _ALBUMS.search(fold(album)))
        or bool(_NOISY_BANDS.search(fold(artist)) and _NOISY_TITLES.search(fold(title)))
        or any(_ASIDES.search(fold("".join(parts))) for parts in _ASIDE.findall(title))
    )
