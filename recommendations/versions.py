"""Which words beside a title make another recording of it, and which say nothing. Input is folded text."""

from __future__ import annotations

import re
from functools import lru_cache

_YEAR = r"(?:19|20)\d\d"
_LABEL = (
    "album|single|radio|original|extended|full|length|long|short|lp|ep|7|12|78|rpm|inch|video|film|movie|clean|explicit"
    "|uk|us|usa|mono|stereo|digital|studio|edited|amended|uncut|version|edit|mix|cut"
)
# The same song under another label; each must be all that the aside says.
_GUFF = re.compile(
    "|".join(
        (
            rf"{_YEAR}(?: (?:stereo )?(?:version|edit|mix|edition|версия))?",
            # Any of these, and not numbers alone: "Original 7 Inch Version", "1968 Mono Mix".
            rf"(?=.*[a-z])(?:{_YEAR}|{_LABEL})(?: (?:{_YEAR}|{_LABEL}))*",
            r"(?:deluxe|bonus|expanded|special|limited|anniversary|\w+)(?: (?:deluxe|anniversary))? edition",
            r"сингл|версия|deluxe|lyrics?|audio|clip|hd|hq|4k|ost",
            r"(?:bonus|бонус)(?: (?:track|трек))?",
            r"(?:the )?official(?: (?:music|lyrics?|hd))*(?: (?:video|audio|visualizer|clip))?|lyrics? video",
            r"официальн\w*(?: \w+)*|клип|премьера(?: \w+)*|текст|саундтрек(?: (?:к|из) .*)?",
            r"(?:альбомная|оригинальная|радио) ?версия|радио ?эдит|оригинал",
            r"(?:original )?(?:motion picture )?soundtrack|(?:\w+ )*soundtrack version",
            r"(?:\d+\w* )?anniversary(?: .*)?",
            r"(?:feat|ft|featuring|при уч\w*|уч|совместно с|prod(?:uced)?|vs) .*",
            r"with (?!you|u|me|us|him|her|them|out|or|a |the |my |your |no )\S.*",
            r"(?:(?:love|main|end) )?(?:(?:music|theme|titles?|song) )?from .*|(?:main|end) (?:titles?|theme|credits)",
            r"(?:из|к|для) (?:к ф|м ф|т с|(?:кино|теле)?(?:фильм|мультфильм|сериал|спектакл|мюзикл)\w*) .*",
        )
    )
)
_REMASTER = re.compile(r"\b(?:re ?master|ремастер)")

# Another recording. The first that is found names the class.
_CLASSES = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "karaoke",
            r"karaoke|караоке|in the style of|в стиле|originally performed|made (?:famous|popular) by|backing track"
            r"|^минус(?:овка)?$",
        ),
        ("tribute", r"\btribute\b|трибьют"),
        ("nightcore", r"nightcore|найткор"),
        ("slowed", r"\bslowed\b|замедлен"),
        ("sped up", r"\b(?:sped|speed(?:ed)?) up\b|ускорен"),
        ("8d", r"\b8d\b"),
        ("instrumental", r"\binstrumental|инструментал"),
        ("acapella", r"\ba ?cap+el+a\b|акапел"),
        (
            "remix",
            r"remix|ремикс|\brmx\b|\bmix$|\bdub(?: mix)?$|bootleg|mash ?up|мэшап|\brework\b|\bflip$|\bvip$|\bedit$",
        ),
        (
            "cover",
            r"^cover$|\bcover (?:by|version)\b|\w cover$|кавер|перепевка"
            r"|\b8 ?bit\b|chiptune|music box|\blullaby (?:version|rendition)",
        ),
        (
            "live",
            r"^live\b|\blive$|\blive (?:at|in|from|on|version|session)\b|концерт|в ?живую|живая|^лайв"
            r"|\b(?:en|ao|dal) vivo\b|\ben (?:directo|concert|public)\b"
            r"|\b(?:bbc|kexp|peel|radio|studio|spotify) (?:\w+ )*sessions?\b|^(?:session|сессия)$"
            r"|^recorded (?:at|in|live)\b",
        ),
        ("acoustic", r"\bacoustic|акустик|акустическ|\bunplugged\b|^stripped|\bpiano (?:version|solo)\b"),
        ("orchestral", r"\borchest(?:ra|ral)\b|\bsymphon|оркестр"),
        (
            "demo",
            r"\bdemo$|^demo\b|\bdemo (?:version|take)\b|^демо|\bдемо(?:запись|версия)?$"
            r"|\btake \d+\b|\b(?:alternate|early) (?:take|version)\b|rehearsal|outtake|репетиц",
        ),
        ("reprise", r"\breprise\b|реприза"),
        ("rerecorded", r"\bre ?record(?:ed|ing)\b|\btaylor s version\b|перезапис|^новая версия"),
    )
)
# Without a bracket or a dash only these, at the end of a title, are beyond doubt.
_TRAILING = re.compile(
    r"(?<=\S) (?:karaoke(?: version)?|караоке|nightcore|slowed(?: and)?(?: reverb)?|(?:sped|speed) up|remix|ремикс"
    r"|(?:live|acoustic|instrumental|cover) version|кавер)$"
)
# The last words of these.
TRAILING_WORDS = ("karaoke", "караоке", "nightcore", "slowed", "reverb", "up", "remix", "ремикс", "version", "кавер")
_ANYBODY = re.compile(
    r"\b(?:remix(?:ed)?|ремикс|rmx|mix|edit|version|by|the|original|official|extended|radio|club|vip)\b"
)


@lru_cache(maxsize=8192)
def classify(aside: str) -> tuple[str, str] | None:
    """(class, detail) of a bracket's or dash's folded text; ("", "") = says nothing, None = part of the title."""
    if not aside or _GUFF.fullmatch(aside):
        return "", ""
    for name, pattern in _CLASSES:
        if pattern.search(aside):
            # Two remixers make two tracks; two concerts are one song, live.
            return name, " ".join(_ANYBODY.sub(" ", aside).split()) if name == "remix" else ""
    return ("", "") if _REMASTER.search(aside) else None


def trailing(words: str) -> tuple[str, str]:
    """(words without it, class) where a folded title ends in a version word without any bracket."""
    found = _TRAILING.search(words)
    verdict = classify(found[0].strip()) if found else None
    return (words[: found.start()], verdict[0]) if found and verdict else (words, "")
