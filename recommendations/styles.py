"""Styles and moods as people write them in Russian, and what Last.fm's listeners call the same."""

from __future__ import annotations

import re
from functools import cache

# The beginning of the text that is left -> the tag; the first that fits, so the longer ones come first.
_WORDS = {
    r"рок\W*(?:н|энд|&)\W*ролл\w*": "rock and roll",
    r"классическ\w+ рок\w*": "classic rock",
    r"(?:альтернативн\w+ рок|альт-?рок)\w*": "alternative rock",
    r"русск\w+ рок\w*": "russian rock",
    r"русск\w+ рэп\w*": "russian rap",
    r"русск\w+ поп\w*": "russian pop",
    r"пост-?\s?панк\w*": "post-punk",
    r"пост-?\s?рок\w*": "post-rock",
    r"панк-?рок\w*": "punk rock",
    r"панк\w*": "punk",
    r"хард-?рок\w*": "hard rock",
    r"инди-?рок\w*": "indie rock",
    r"инди-?поп\w*": "indie pop",
    r"инди\w*": "indie",
    r"дрим-?\s?поп\w*": "dream pop",
    r"синти?-?\s?поп\w*": "synthpop",
    r"брит-?поп\w*": "britpop",
    r"фолк-?рок\w*": "folk rock",
    r"блюз-?рок\w*": "blues rock",
    r"рок\w*": "rock",
    r"поп(?:с\w*)?\b": "pop",
    r"хип-?\s?хоп\w*": "hip-hop",
    r"трип-?\s?хоп\w*": "trip-hop",
    r"р[эе]п\w*": "rap",
    r"тр[эе]п\w*": "trap",
    r"джаз\w*": "jazz",
    r"блюз\w*": "blues",
    r"соул\w*": "soul",
    r"фанк\w*": "funk",
    r"регги": "reggae",
    r"ска\b": "ska",
    r"кантри": "country",
    r"босса-?\s?нов\w*": "bossa nova",
    r"латин\w*": "latin",
    r"диско": "disco",
    r"техно": "techno",
    r"хаус\w*": "house",
    r"транс\w*": "trance",
    r"драм\W*(?:н|энд|&)?\W*б[еэ]йс\w*|днб": "drum and bass",
    r"дабст[еэ]п\w*": "dubstep",
    r"эмбиент\w*": "ambient",
    r"лоу-?\s?фай": "lo-fi",
    r"электро(?:н\w+)?": "electronic",
    r"индастриал\w*": "industrial",
    r"х[еэ]ви-?\s?метал\w*": "heavy metal",
    r"тр[еэ]ш-?\s?метал\w*": "thrash metal",
    r"бл[еэ]к-?\s?метал\w*": "black metal",
    r"д[еэ][тс]-?\s?метал\w*": "death metal",
    r"дум-?\s?метал\w*": "doom metal",
    r"метал\w*": "metal",
    r"гранж\w*": "grunge",
    r"шугейз\w*": "shoegaze",
    r"хардкор\w*": "hardcore",
    r"эмо": "emo",
    r"готик\w*|готическ\w+": "gothic",
    r"нью-?\s?в[еэ]йв|новая волна": "new wave",
    r"психодел\w+": "psychedelic",
    r"прогрессив\w+": "progressive",
    r"альтернатив\w+": "alternative",
    r"экспериментальн\w+": "experimental",
    r"минимал\w+": "minimalism",
    r"неокласси\w+": "modern classical",
    r"классик\w*|классическ\w+": "classical",
    r"опер\w*": "opera",
    r"саундтрек\w*": "soundtrack",
    r"шансон\w*": "chanson",
    r"авторск\w+ песн\w+|бард\w*": "bard",
    r"фолк\w*|народн\w+": "folk",
    r"акусти\w+": "acoustic",
    r"инструментал\w*": "instrumental",
    r"фортепиан\w+|пианино|рояль": "piano",
    r"гитар\w*": "guitar",
    r"саксофон\w*": "saxophone",
    r"женск\w+ вокал\w*": "female vocalists",
    r"мужск\w+ вокал\w*": "male vocalists",
    r"русск\w+|российск\w+": "russian",
    r"советск\w+": "soviet",
    r"французск\w+": "french",
    r"итальянск\w+": "italian",
    r"(?:19)?([5-9]0)\s?-?\s?(?:х|е|ые|тые|ых)\b": r"\1s",
}
_MOODS = {
    r"спокойн\w+|тих\w+": "calm",
    r"расслабл\w+|релакс\w*|чил\w*": "chillout",
    r"груст\w+|печальн\w+": "sad",
    r"меланхоли\w+": "melancholic",
    r"весел\w+|радостн\w+": "happy",
    r"энергичн\w+|бодр\w+": "energetic",
    r"танцевальн\w+": "dance",
    r"медленн\w+": "slow",
    r"романтич\w+": "romantic",
    r"мрачн\w+|темн\w+": "dark",
    r"атмосферн\w+": "atmospheric",
    r"мелодичн\w+": "melodic",
    r"тяжел\w+": "heavy",
    r"легк\w+": "easy listening",
    r"ночн\w+": "night",
    r"летн\w+": "summer",
}
GENRES = frozenset(_WORDS.values())
# A style of several words is one in English too, with or without its hyphen, and its "and" may be short: drum'n'bass.
_SEVERAL = {
    re.sub("[ -]", "[ -]", tag).replace("[ -]and[ -]", r"\W*(?:and|n|&)\W*"): tag
    for tag in GENRES
    if re.fullmatch(r"[a-z]+([ -][a-z]+)+", tag)
}
MOODS = frozenset(
    {*_MOODS.values(), "mellow", "relaxing", "relaxed", "quiet", "soft", "chill", "upbeat", "melancholy", "fast"}
    | {"uplifting", "cheerful", "gloomy", "dreamy", "romantic", "party", "peaceful", "soothing", "angry", "aggressive"}
) - {"easy listening"}
# Words around a wish that say nothing about its sound.
NOTHING = re.compile(
    r"(?:&|(?:for|для) \w+|a|an|the|some|any|and|or|of|me|very|more|music|songs?|tracks?|tunes?|playlist|something"
    r"|anything|please|и|или|мне|очень|немного|побольше|больше|еще|музык\w+|пес\w+|треки?|трек\w+|плейлист\w*"
    r"|что-нибудь|что-то|что|нибудь|пожалуйста)(?!\w)"
)


def read(text: str) -> list[str]:
    """The tags a folded text (ё as е, single spaces) names, in its order; what is unknown stays as it is written."""
    found: list[str] = []
    rest = text.strip(" ,;.+")
    while rest:
        end, tag = _next(rest)
        if tag and tag not in found:
            found.append(tag)
        rest = rest[end:].strip(" ,;.+")
    return found


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # At the first wish: a hundred patterns take longer than any other module of ours to load.
    return [(re.compile(rf"(?:{word})(?!\w)"), tag) for word, tag in {**_SEVERAL, **_WORDS, **_MOODS}.items()]


def _next(rest: str) -> tuple[int, str]:
    """Where the first word ends, and its tag; "" for a word that says nothing."""
    for pattern, tag in _patterns():
        if match := pattern.match(rest):
            return match.end(), match.expand(tag)
    if match := NOTHING.match(rest):
        return match.end(), ""
    match = re.match(r"[^\s,;+]+", rest)
    return (match.end(), match[0].strip(".")) if match else (1, "")
