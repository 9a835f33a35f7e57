"""What one list is to be, as a listener writes it: `calm jazz`, `by Kino`, `спокойный джаз`, `от Кино`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from unicodedata import normalize

from recommendations import styles
from recommendations.tags import plain

LONGEST = 60  # it becomes part of the playlist's name
MOST = 5  # styles and moods in one wish
SPELLINGS = 12  # of an artist's name
TRIED = 6  # of them, the likeliest, where each one costs a search
_BY = re.compile(
    r"(?:(?:songs?|tracks?|music|something|anything|more|песн\w+|треки?|музык\w+|что-то|что-нибудь|еще|ещё)\s+)*"
    r"(?:(by|от|у)|in the (?:spirit|style) of|similar to|sounds? like|like|в духе|в стиле|типа|вроде|как у|как"
    r"|похож\w+ на)\s+(?:(?:the )?(?:band|artist|singer)\s+|(?:групп\w+|пев(?:ец|ица|ца|ицы)|исполнител\w+)\s+)?(.+)",
    re.IGNORECASE,
)
_BOTH = re.compile(r"(.+)\s(?:by|от)\s+\S.*", re.IGNORECASE)
_SEVERAL = re.compile(r".+(?:,|&|\+|\b(?:and|feat|и|с))\s+\S.*", re.IGNORECASE)
# No wave is a style, and "sad but fast" as well as "not only jazz" say what is wanted.
_NEGATED = re.compile(
    r"\b(?:no(?! wave\b)|not(?! (?:only|just)\b)|without|except|(?:all|anything|everything),? but"
    r"|не(?! только\b)|ни|без|кроме)\s+\w"
)
# How a word ends in the genitive or the accusative -> in the nominative, the likeliest first; the first that fits.
_CASES = tuple(
    (re.compile(rf"(?:{ending})$", re.IGNORECASE), nominatives)
    for ending, *nominatives in (
        ("(?<=[гжкхчшщ])ого", "ий", "ой"),
        ("ого", "ый", "ой"),
        ("его", "ий"),
        ("(?<=[оеё]в|[иы]н)ой", "а", "ая"),
        ("ой|ую", "ая"),
        ("ых", "ые"),
        ("их", "ие"),
        ("(?<=[гжкхчшщ])ов|(?<!ц)ев|ей", "и"),
        ("ов|ев", "ы"),
        ("(?<=[чш])ек", "ки"),
        ("(?<=и)й", "и"),
        ("ы|у|(?<=[гкх])и", "а"),
        ("(?<=[жчшщ])и", "а", "ь"),
        ("(?<=[аеиоуы])и|ю", "я"),
        ("и", "я", "ь"),
        ("(?<=[аеиоуы])я", "й"),
        ("я", "ь"),
        ("(?<=[бвгджзклмнпрстфхцчшщ])а", ""),
    )
)


@dataclass(frozen=True, slots=True)
class Steer:
    """A wish for one list. Either `artist` or `tags` is there."""

    words: str  # as they were written, on one line
    artist: tuple[str, ...] = ()  # spellings to try, the written one first
    whole: tuple[str, ...] = ()  # the tag that the words make together, in its spellings
    genres: tuple[str, ...] = ()  # what must be met where the whole is no tag
    moods: tuple[str, ...] = ()  # what is welcome

    @property
    def tags(self) -> tuple[str, ...]:
        """All that may be asked for."""
        parts = (*self.genres, *self.moods)
        return tuple(dict.fromkeys(tag for tag in (*self.whole, *parts, *map(plain, parts)) if tag))

    @property
    def is_mixed(self) -> bool:
        """A style and an artist in one: `jazz by Miles Davis`. A list can follow one of them."""
        both = None if self.artist else _BOTH.fullmatch(self.words)
        return both is not None and not _KNOWN.isdisjoint(styles.read(_folded(both[1])))

    @property
    def is_negated(self) -> bool:
        """What is not wanted: `no metal`. Behind `by` it is a name: No Doubt, Men Without Hats."""
        return not self.artist and _NEGATED.search(_folded(self.words)) is not None

    @property
    def may_be_several(self) -> bool:
        """`by Kino and Alisa` names two artists, unless somebody is called so: Nick Cave and the Bad Seeds."""
        return bool(self.artist) and not self.tags and _SEVERAL.fullmatch(self.words) is not None


def one_line(text: str) -> str:
    """Without what cannot be stored or shown."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def parse(text: str) -> Steer | None:
    """None where the text has nothing to go by, or is longer than a wish."""
    words = one_line(text)
    if len(words) > LONGEST or not any(char.isalpha() for char in words):
        return None
    named = _BY.fullmatch(words)
    if named and (named[1] or not _is_style(named[2])):
        name = named[2].strip(" \"'«»“”")
        name = name.strip(" \"'«»“”.,!?") or name  # somebody is called !!!
        return Steer(words, artist=spellings(name)) if name else None
    return _of_tags(words, _folded(named[2] if named else words))


def _of_tags(words: str, folded: str) -> Steer | None:
    tags = styles.read(folded)[:MOST]
    if not tags:
        return None
    together = " ".join(tags)
    written = () if re.search("[а-я]", folded) else (folded,)
    whole = tuple(dict.fromkeys(tag for tag in (*written, together, plain(together)) if tag))
    moods = tuple(tag for tag in tags if tag in styles.MOODS)
    return Steer(words, whole=whole, genres=tuple(tag for tag in tags if tag not in styles.MOODS), moods=moods)


def spellings(name: str) -> tuple[str, ...]:
    """The name, and what it may be in the nominative: who writes «в духе Земфиры» means Земфира.

    Any word may stay as it is, as in «Агаты Кристи», which costs as much as a less likely ending.
    """
    guesses = [(0, "")]
    for part in re.split(r"(\w+)", name):
        longer = [(cost + n, guess + form) for cost, guess in guesses for n, form in enumerate(_nominatives(part))]
        guesses = sorted(longer, key=itemgetter(0))[:SPELLINGS]
    return tuple(dict.fromkeys((name, *(guess for _, guess in guesses))))[:SPELLINGS]


def _nominatives(word: str) -> list[str]:
    """What it may come from, itself the last."""
    found = next(((ending, forms) for ending, forms in _CASES if ending.search(word)), None)
    changed = [found[0].sub(form, word) for form in found[1]] if found else []
    return [*(form for form in changed if len(form) > 2), word]


def _is_style(text: str) -> bool:
    """Whether each word of it is a style we know: `in the style of jazz` names no artist."""
    folded = _folded(text)
    return all(tag in _KNOWN for tag in styles.read(folded)) if folded else False


def _folded(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().replace("ё", "е").split())


_KNOWN = styles.MOODS | styles.GENRES | {f"{decade}0s" for decade in range(5, 10)}
