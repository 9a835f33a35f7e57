"""For the screens of the settings: the choices as buttons, places by their names."""

from __future__ import annotations

from django import template
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from botapp import cities

register = template.Library()


@register.simple_tag
def choice(label: str, target: str, chosen: object) -> SafeString:
    """A cell of the buttons, marked where it is what holds now: `target` ends in `:` and the value."""
    mark = "✓ " if target.partition(":")[2] == str(chosen) else ""
    return format_html("{}{} => {}", mark, label, target)


@register.filter
def city(zone: str) -> str:
    """A time zone by its city, in the current language."""
    return cities.name(zone, translation.get_language() or "en")
