"""The mix of languages that a listener wishes for: "auto", "off", or shares such as "ru 40 latin 50 other 10"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

AUTO, OFF, OTHER = "auto", "off", "other"
# What `recommendations.languages` tells apart, and OTHER; in the order they are listed.
CODES = (
    *("ru", "latin", "uk", "be", "cyrillic", "ja", "ko", "zh", "greek", "georgian", "armenian", "hebrew", "arabic"),
    *("devanagari", "thai", OTHER),
)
NAMES = {
    "ru": _("Russian"),
    "latin": _("English and others in Latin letters"),
    "uk": _("Ukrainian"),
    "be": _("Belarusian"),
    "cyrillic": _("others in Cyrillic letters"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "zh": _("Chinese"),
    "greek": _("Greek"),
    "georgian": _("Georgian"),
    "armenian": _("Armenian"),
    "hebrew": _("Hebrew"),
    "arabic": _("Arabic"),
    "devanagari": _("Hindi and others in Devanagari"),
    "thai": _("Thai"),
    OTHER: _("all others"),
}
# All that is written in Latin is one.
_ALSO = {
    "latin": "en eng english английский англ латиница latn",
    "ru": "rus russian русский рус",
    "uk": "ua ukr ukrainian украинский укр українська",
    "be": "by bel belarusian белорусский бел",
    "cyrillic": "кириллица",
    "ja": "jp japanese японский",
    "ko": "kr korean корейский",
    "zh": "cn chinese китайский",
    "greek": "el gr греческий",
    "georgian": "ka грузинский",
    "armenian": "hy армянский",
    "hebrew": "he il иврит",
    "arabic": "ar арабский",
    "devanagari": "hi hindi хинди",
    "thai": "th тайский",
    OTHER: "rest others остальное остальные другое другие прочее прочие",
    AUTO: "automatic авто автоматически сам",
    OFF: "any no none выкл выключить нет любые",
}
_MEANT = {word: code for code, words in _ALSO.items() for word in (code, *words.split())}
_SPELLED = re.compile(r"([^\W\d_]+) ?(\d{1,3}) ?[%٪]?")


class Unreadable(ValueError):
    """`unknown`: a word that is no language. `total`: what the shares come to. Neither: no shares at all."""

    def __init__(self, unknown: str = "", total: int | None = None) -> None:
        super().__init__(unknown or total)
        self.unknown, self.total = unknown, total


def read(words: str) -> str:
    """The wish as it is kept, from as a person writes it. What is not shared out is left to the others.

    Raises Unreadable.
    """
    plain = " ".join(re.sub(r"[,;:=–—]", " ", normalize("NFKC", words).casefold()).split())
    if _MEANT.get(plain) in (AUTO, OFF):
        return _MEANT[plain]
    shares: dict[str, int] = {}
    end = 0
    for found in _SPELLED.finditer(plain):
        code = _MEANT.get(found[1], "")
        if plain[end : found.start()].strip() or code in shares:
            raise Unreadable
        if code in ("", AUTO, OFF):
            raise Unreadable(unknown=found[1])
        shares[code] = int(found[2])
        end = found.end()
    if not shares or plain[end:].strip():
        raise Unreadable(unknown=plain if plain.isalpha() and plain not in _MEANT else "")
    return _written(shares)


def _written(shares: Mapping[str, int]) -> str:
    total = sum(shares.values())
    if total > 100 or (total < 100 and OTHER in shares):
        raise Unreadable(total=total)
    whole = {**shares, OTHER: shares.get(OTHER, 100 - total)}
    return " ".join(f"{code} {share}" for code, share in whole.items() if share or code != OTHER)


def shares(wish: str) -> dict[str, int] | None:
    """Language -> percent of the list, OTHER among them; None for "auto", nothing for "off"."""
    wish = read(wish)
    if wish in (AUTO, OFF):
        return None if wish == AUTO else {}
    words = wish.split()
    return dict(zip(words[::2], map(int, words[1::2]), strict=True)) | ({} if OTHER in words else {OTHER: 0})


def validate(wish: str) -> None:
    try:
        read(wish)
    except Unreadable as wrong:
        raise ValidationError(sentence(wrong)) from None


def sentence(wrong: Unreadable) -> str:
    """What is wrong and what to write, for the operator."""
    if wrong.unknown:
        told = _("“%(word)s” is no language that names tell apart. There are: %(codes)s.")
        return str(told) % {"word": wrong.unknown[:40], "codes": ", ".join(CODES)}
    if wrong.total is not None:
        return str(_("These shares come to %(total)s%%, not to 100%%.")) % {"total": wrong.total}
    return str(_("Write auto, off, or shares like: ru 40 en 50 other 10."))
