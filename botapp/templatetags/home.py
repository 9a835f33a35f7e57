"""For the screens of the settings: the choices as buttons, places by their names."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import mix
from botapp import cities

register = template.Library()


@register.simple_tag
def choice(label: str, target: str, chosen: object) -> SafeString:
    """A cell of the buttons, marked where it is what holds now: `target` ends in `:` and the value."""
    mark = "✓ " if target.partition(":")[2] == str(chosen) else ""
    return format_html("{}{} => {}", mark, label, target)


@register.filter
def percentages(shares: Mapping[str, float]) -> str:
    """Languages and how much of a list each is, the largest first: "Russian 60%, English … 40%"."""
    largest_first = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{mix.NAMES.get(code, code)} {share:.0f}%" for code, share in largest_first if round(share))


@register.filter
def ruled_out(shares: Mapping[str, float]) -> str:
    """The languages of which a list is to have nothing."""
    return ", ".join(str(mix.NAMES.get(code, code)) for code, share in shares.items() if not share)


@register.filter
def city(zone: str) -> str:
    """A time zone by its city, in the current language."""
    return cities.name(zone, translation.get_language() or "en")
